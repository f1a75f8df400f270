import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ports, portVariables } from '@pingtrace/loopback'
import { freePorts } from '../scripts/free-ports.ts'
import { root } from '../scripts/paths.ts'
import { ProcessGroup } from '../scripts/process-group.ts'
import { type Bench, quantile, quick } from './bench.ts'

export const name = 'How long npm start takes'

/** After SIGTERM to npm everything must be gone by then, or the bench fails. */
const goneMs = 10_000

/**
 * From `npm start` to the printed table and the page's answer. Warm: installed and built. Cold: a
 * fresh clone of HEAD with an empty home folder and empty caches, from the network.
 */
export const run: Bench['run'] = async (print, figure) => {
  const folder = await mkdtemp(join(tmpdir(), 'pingtrace-bench-'))
  try {
    const env = { ...process.env, PINGTRACE_DATA_DIR: join(folder, 'segments') }
    const warm: number[] = []
    while (warm.length < (quick ? 1 : 5)) warm.push((await startOnce(root, env)).seconds)
    const each = warm.map((seconds) => seconds.toFixed(1)).join(', ')
    print(`warm: ${seconds(quantile(warm, 0.5))} (median of ${each})`)
    figure({
      what: 'warm npm start',
      value: seconds(quantile(warm, 0.5)),
      how: `to the page's first answer, median of ${warm.length}`,
    })
    if (quick) return print('cold: left out of a quick run')

    const cold = await startCold(folder)
    // pnpm says it again as it goes on; the last time it is done.
    const packages = [...cold.output.matchAll(/added (\d+)/g)].at(-1)?.[1] ?? '?'
    print(`cold: ${seconds(cold.seconds)} (install of ${packages} packages, build, start)`)
    figure({
      what: 'cold npm start',
      value: seconds(cold.seconds),
      how: `fresh clone, empty caches: ${packages} packages from the registry, build, start; once`,
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function startOnce(cwd: string, env: NodeJS.ProcessEnv) {
  const ports = await freePorts()
  const variables = Object.entries(portVariables).map(([key, { name: variable }]) => [
    variable,
    String(ports[key as keyof Ports]),
  ])
  const began = performance.now()
  const group = new ProcessGroup('npm', ['start'], {
    cwd,
    env: { ...env, ...Object.fromEntries(variables) },
  })
  try {
    await group.printed(/Ctrl-C ends everything/)
    const page = await fetch(`http://localhost:${ports.web}`)
    await page.text()
    if (!page.ok) throw new Error(`the page answered with status ${page.status}`)
    const elapsed = (performance.now() - began) / 1_000
    group.signal('SIGTERM')
    await group.gone(goneMs)
    return { seconds: elapsed, output: group.output }
  } finally {
    group.signalAll('SIGKILL')
  }
}

async function startCold(folder: string) {
  const clone = join(folder, 'clone')
  const home = join(folder, 'home')
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', root, clone])
  // What npm and pnpm know of this machine's past lies below these; what they were told to use (a
  // registry, a proxy) stays.
  const variables = Object.entries(process.env).filter(
    ([variable]) => !/^(npm_|pnpm_|XDG_|NODE_ENV$|INIT_CWD$)/i.test(variable),
  )
  const cold = await startOnce(clone, {
    ...Object.fromEntries(variables),
    HOME: home,
    npm_config_userconfig: join(homedir(), '.npmrc'),
    npm_config_cache: join(home, 'npm-cache'),
    npm_config_store_dir: join(home, 'pnpm-store'),
  })
  const reused = /reused ([1-9]\d*)/.exec(cold.output)
  if (reused !== null) throw new Error(`not cold: ${reused[0]} packages of an older install`)
  return cold
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`
}
