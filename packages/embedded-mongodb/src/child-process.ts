import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** What a child sends once: the port on which it answers, or why it cannot. */
export type StartReport = { port: number } | { error: string }

export interface ChildServer {
  readonly port: number
  readonly pid: number
  /** Lets the process end, kills it after two seconds, and resolves when it is gone. */
  stop(): Promise<void>
}

const startLimitMs = 30_000
const stopLimitMs = 2_000

/**
 * Runs a server's TypeScript program in a process of its own and resolves when it answers. A
 * process of its own, because its work must not show up in the durations of the caller's spans.
 * @param port handed to the program as its one argument
 * @throws Error that begins with `name` and says why the server did not start
 */
export async function startChild(name: string, program: URL, port: number): Promise<ChildServer> {
  // Resolved from here: the caller's working directory need not have tsx.
  const tsx = createRequire(import.meta.url).resolve('tsx')
  const child = fork(fileURLToPath(program), [String(port)], {
    execArgv: ['--import', pathToFileURL(tsx).href],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const report = await firstReport(child)
  if ('error' in report) {
    await stopChild(child)
    throw new Error(`${name}: ${report.error}`)
  }
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= stopChild(child)
    return stopped
  }
  // Every process that has reported has a pid.
  return { port: report.port, pid: child.pid as number, stop }
}

function firstReport(child: ChildProcess): Promise<StartReport> {
  return new Promise((resolve) => {
    const limit = setTimeout(() => child.kill('SIGKILL'), startLimitMs)
    const settle = (report: StartReport) => {
      clearTimeout(limit)
      resolve(report)
    }
    child.once('message', (message) => settle(message as StartReport))
    child.once('error', (error) => settle({ error: error.message }))
    child.once('exit', (code, signal) => {
      settle({ error: `ended before it was ready (${signal ?? `exit code ${code}`})` })
    })
  })
}

async function stopChild(child: ChildProcess): Promise<void> {
  const neverRan = child.pid === undefined
  if (neverRan || child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  // The child ends when the channel does: the same road as when this process dies.
  if (child.connected) child.disconnect()
  const limit = setTimeout(() => child.kill('SIGKILL'), stopLimitMs)
  await gone
  clearTimeout(limit)
}
