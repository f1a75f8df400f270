import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { root } from './paths.ts'

export interface ProcessOptions {
  name: string
  /** Entry module, relative to the root. */
  entry: string
  /** Added to ours; what is undefined is taken from it. */
  env: Record<string, string | undefined>
  /** Run TypeScript as it is, instead of a build. */
  fromSource: boolean
  onLine: (name: string, line: string) => void
  /** Called when the process ends without having been asked to; `how` is for people: `SIGKILL`. */
  onCrash: (name: string, how: string) => void
}

/** A child process that says when it is ready, can be ended and started again, and dies with us. */
export class ManagedProcess {
  readonly #options: ProcessOptions
  #child: ChildProcess | undefined
  #stopping = false

  constructor(options: ProcessOptions) {
    this.#options = options
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /**
   * Resolves when the process has said that it is ready (runUntilStopped in packages/loopback).
   * What it prints before that is held back: where it ends instead, and one line is all it said,
   * that line is the error, told once.
   * @param limitMs generous: a busy machine, and a collector that reads its segments, take seconds
   * @throws Error that says why it ended before it was ready, or that it took longer than the limit
   */
  async start(limitMs = 60_000): Promise<void> {
    const { name, entry, env, fromSource, onLine, onCrash } = this.#options
    const child = fork(`${root}${entry}`, {
      cwd: root,
      env: { ...process.env, ...env },
      execArgv: fromSource ? ['--enable-source-maps', '--import', 'tsx'] : ['--enable-source-maps'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    this.#stopping = false
    let ready = false
    let held: string[] | undefined = []
    const release = () => {
      for (const line of held ?? []) onLine(name, line)
      held = undefined
    }
    const allRead = [child.stdout, child.stderr].map((stream) => {
      const lines = createInterface({ input: stream as Readable })
      lines.on('line', (line) => (held === undefined ? onLine(name, line) : held.push(line)))
      return once(lines, 'close')
    })
    let tooLate = false
    const limit = setTimeout(() => {
      tooLate = true
      child.kill('SIGKILL')
    }, limitMs)
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => {
        ready = true
        release()
        resolve()
      })
      child.once('error', reject)
      // Not 'close', which never comes once we have let go of the channel.
      child.once('exit', async (code, signal) => {
        if (this.#child === child) this.#child = undefined
        await Promise.all(allRead)
        const how = signal ?? `exit code ${code}`
        if (ready) return this.#stopping || onCrash(name, how)
        const [only, ...more] = held ?? []
        if (only !== undefined && more.length === 0 && !tooLate) return reject(new Error(only))
        release()
        const what = tooLate
          ? `was not ready within ${limitMs / 1_000} s`
          : `ended at its start (${how})`
        reject(new Error(`the ${name} ${what}${only === undefined ? '' : ', see above'}`))
      })
    }).finally(() => clearTimeout(limit))
  }

  /**
   * Asks politely by letting go of the channel, which works on Windows too, and after `graceMs`
   * no more. Resolves when the process is gone.
   */
  async stop(graceMs = 6_000): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    this.#stopping = true
    const gone = once(child, 'exit')
    if (child.connected) child.disconnect()
    const limit = setTimeout(() => child.kill('SIGKILL'), graceMs)
    await gone
    clearTimeout(limit)
  }

  /** As `kill -9` does: no farewell, nothing flushed. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    this.#stopping = true
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
}
