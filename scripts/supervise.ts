import { whenNpmIsGone } from '@pingtrace/loopback'
import { exitWith } from './settings.ts'

/** What runs, until it is asked to end. */
interface Running {
  stop(): Promise<void>
}

/**
 * Runs something for a person at a terminal. Ctrl-C, SIGTERM, a closed terminal and the end of npm
 * stop it, and so does the fall of one of its processes. When it cannot start, that is one line.
 * @param start is given what to call when a process ends by itself
 */
export async function supervise<T extends Running>(
  start: (onCrash: (name: string, how: string) => void) => Promise<T>,
): Promise<T> {
  let running: T | undefined
  let asked = false
  let stopping = false
  const stop = async (code: number) => {
    if (stopping) return
    stopping = true
    await running?.stop()
    process.exit(code)
  }
  const starting = start((name, how) => {
    console.error(`pingtrace: the ${name} ended by itself (${how}); stopping`)
    void stop(1)
  })
  const stopWhenStarted = async () => {
    asked = true
    await starting.catch(() => undefined)
    await stop(0)
  }
  process.on('SIGINT', stopWhenStarted)
  process.on('SIGTERM', stopWhenStarted)
  process.on('SIGHUP', stopWhenStarted)
  whenNpmIsGone(stopWhenStarted)
  try {
    running = await starting
  } catch (error) {
    // A signal to all ends a process that has not come to ignoring it: no error of the start.
    if (asked) process.exit(0)
    exitWith(error)
  }
  // Being stopped, it is not for the caller any more.
  return asked ? new Promise(() => undefined) : running
}
