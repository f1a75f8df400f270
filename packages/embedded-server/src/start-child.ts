import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** What a child sends once: the port on which it answers, or why it cannot. */
export type StartReport = { port: number } | { error: string }

/** A running embedded server and the process that it is. */
export interface EmbeddedServer {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Resolves when the process is gone, asked to or not, with how: `SIGKILL`, `exit code 1`. */
  readonly ended: Promise<string>
  /** Lets the process end, kills it after two seconds; what was stored goes with it. */
  stop(): Promise<void>
}

export interface EmbeddedServerOptions {
  /** For people, in errors: `embedded Redis`. */
  name: string
  /** Of the URL, for example `redis`. */
  scheme: string
  /** The TypeScript program, which calls runChild. */
  program: URL
  /** 0 takes a free one. */
  port: number
}

/** As generous as for every other process of ours: a busy machine takes its time. */
const startLimitMs = 60_000
const stopLimitMs = 2_000

/**
 * Runs a server's program in a process of its own on 127.0.0.1 and resolves when it answers. A
 * process of its own, because its work must not show up in the durations of the caller's spans; it
 * ends when the caller's does.
 * @throws Error that begins with `name` and says why the server did not start
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const { name, scheme, program } = options
  // Resolved from here: the caller's working directory need not have tsx.
  const tsx = createRequire(import.meta.url).resolve('tsx')
  const child = fork(fileURLToPath(program), [String(options.port)], {
    execArgv: ['--import', pathToFileURL(tsx).href],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
  const report = await firstReport(child, ended)
  if ('error' in report) {
    await stopChild(child)
    throw new Error(`${name}: ${report.error}`)
  }
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= stopChild(child)
    return stopped
  }
  const { port } = report
  // Every process that has reported has a pid.
  return { url: `${scheme}://127.0.0.1:${port}`, port, pid: child.pid as number, ended, stop }
}

function firstReport(child: ChildProcess, ended: Promise<string>): Promise<StartReport> {
  return new Promise((resolve) => {
    const settle = (report: StartReport) => {
      clearTimeout(limit)
      resolve(report)
    }
    const tooLate = `was not ready within ${startLimitMs / 1_000} s`
    const limit = setTimeout(() => settle({ error: tooLate }), startLimitMs)
    child.once('message', (message) => settle(message as StartReport))
    child.once('error', (error) => settle({ error: error.message }))
    void ended.then((how) => settle({ error: `ended before it was ready (${how})` }))
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
