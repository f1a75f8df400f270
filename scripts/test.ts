import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { buildStale } from './build-stale.ts'
import { root } from './paths.ts'
import { runPlaywright } from './run-playwright.ts'

await buildStale()
const vitest = runVitest()
const playwright = await runPlaywright([])
process.exitCode = vitest || playwright

/** Unit and integration tests: real sockets, real child processes, no browser. */
function runVitest(): number {
  const manifest = createRequire(import.meta.url).resolve('vitest/package.json')
  const cli = join(dirname(manifest), 'vitest.mjs')
  const { status } = spawnSync(process.execPath, [cli, 'run'], { cwd: root, stdio: 'inherit' })
  return status ?? 1
}
