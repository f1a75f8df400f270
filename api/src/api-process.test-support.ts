import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

export interface ApiProcess {
  child: ChildProcess
  /** Resolves when it says that it listens. @throws when it ends instead */
  ready: Promise<void>
  /** Its exit code, when it has ended and everything it printed has been read. */
  ended: Promise<number | null>
  /** What it has printed so far. */
  log(): string
}

/** Starts the API as a process of its own, as the supervisor does; it ends with the test. */
export function startApi(env: Record<string, string>): ApiProcess {
  const child = fork(new URL('./main.ts', import.meta.url), {
    execArgv: ['--import', 'tsx'],
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      log += text
    })
  }
  // Not 'close', which never comes once the channel has been let go of.
  const streams = [child.stdout, child.stderr].map((stream) => stream && once(stream, 'close'))
  const ended = Promise.all([once(child, 'exit'), ...streams]).then(
    ([[code]]) => code as number | null,
  )
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const ready = Promise.race([
    once(child, 'message').then(() => undefined),
    ended.then((code) => {
      throw new Error(`ended with exit code ${code}: ${log}`)
    }),
  ])
  // Not every test waits for it.
  ready.catch(() => undefined)
  return { child, ready, ended, log: () => log }
}
