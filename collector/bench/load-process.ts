import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { LoadOptions, LoadResult } from './load.ts'

/** A process that makes load, so that what the load costs is not in any figure. */
export interface Load {
  /** May be called again before the last load is over. @throws Error when the process has ended */
  run(options: LoadOptions): Promise<LoadResult>
  stop(): void
}

export function startLoad(): Load {
  const script = fileURLToPath(new URL('./load.ts', import.meta.url))
  const child = fork(script, { execArgv: ['--import', 'tsx'] })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the load ended by itself, exit code ${code}`)
  })
  ended.catch(() => undefined)
  const waiting = new Map<number, (result: LoadResult) => void>()
  child.on('message', ({ id, result }: { id: number; result: LoadResult }) => {
    waiting.get(id)?.(result)
    waiting.delete(id)
  })
  let tasks = 0
  return {
    run(options) {
      const id = tasks++
      const answer = new Promise<LoadResult>((resolve) => waiting.set(id, resolve))
      child.send({ id, options })
      return Promise.race([answer, ended])
    },
    stop: () => child.disconnect(),
  }
}
