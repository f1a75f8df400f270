import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { root } from './paths.ts'

/** Runs `npm start`'s first step, for at most half a minute. */
function boot(folder: string, args: string[] = [], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...args, join(folder, 'scripts/boot.mjs'), 'start'],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, ...env }, timeout: 30_000 },
  )
  return { status, stdout, stderr }
}

test.each(['12.22.12', '18.20.8', '20.18.3', '21.7.3', '22.11.0'])(
  'Node %s is too old, in one line that says what to do',
  (version) => {
    // Told to be that one. Whether a version of years ago can read the file, only it can say.
    const claim = `Object.defineProperty(process.versions, 'node', { value: '${version}' })`
    const preload = ['--import', `data:text/javascript,${encodeURIComponent(claim)}`]
    expect(boot(root, preload)).toEqual({
      status: 1,
      stdout: '',
      stderr: `pingtrace: Node ${version} is too old: install Node 20.19, 22.12 or newer (https://nodejs.org), then run this again\n`,
    })
  },
)

test('without a network the first install says so, in one line after its beginning', () => {
  const clone = mkdtempSync(join(tmpdir(), 'pingtrace-boot-'))
  onTestFinished(() => rmSync(clone, { recursive: true }))
  for (const file of [
    'package.json',
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    'scripts/boot.mjs',
  ]) {
    cpSync(join(root, file), join(clone, file))
  }
  const nobody = {
    npm_config_registry: 'http://127.0.0.1:1/',
    npm_config_cache: join(clone, 'npm'),
  }
  expect(boot(clone, [], nobody)).toEqual({
    status: 1,
    stdout: 'pingtrace: installing dependencies (first run, or the lockfile changed) …\n',
    stderr:
      'pingtrace: the npm registry cannot be reached: connect to the network (or set npm_config_registry to a mirror), then run this again\n',
  })
})
