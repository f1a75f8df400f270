import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
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

/** Starts the API alone, as a process that SIGTERM ends; at the latest it ends with the test. */
export function startApi(env: Record<string, string>): ApiProcess {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', main], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  const listens = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        log += text
        if (log.includes('api: http://')) resolve()
      })
    }
  })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const ready = Promise.race([
    listens,
    ended.then((code) => {
      throw new Error(`ended with exit code ${code}: ${log}`)
    }),
  ])
  // Not every test waits for it.
  ready.catch(() => undefined)
  return { child, ready, ended, log: () => log }
}
