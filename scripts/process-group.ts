import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * A command in a process group of its own, as a shell starts one, so that it can be asked afterwards
 * whether anything of it is left. Not for Windows, which has no process groups.
 */
export class ProcessGroup {
  /** What the whole group printed so far, errors included. */
  output = ''
  /** The exit code of the command itself, null when a signal ended it. */
  readonly ended: Promise<number | null>
  readonly #child: ChildProcess

  constructor(command: string, args: string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
    this.#child = spawn(command, args, {
      ...options,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text
      })
    }
    this.ended = once(this.#child, 'exit').then(([code]) => code as number | null)
  }

  /**
   * Resolves when the output matches.
   * @throws Error with the output, when the command ends before that
   */
  async printed(pattern: RegExp): Promise<void> {
    const matched = new Promise<true>((resolve) => {
      const look = () => pattern.test(this.output) && resolve(true)
      this.#child.stdout?.on('data', look)
      this.#child.stderr?.on('data', look)
      look()
    })
    if ((await Promise.race([matched, this.ended])) !== true) {
      throw new Error(`ended without having printed ${pattern}:\n${this.output}`)
    }
  }

  /** To the command alone. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** To every process of the group, as a terminal does. */
  signalAll(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.#pid, signal)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // ESRCH: nobody is left
    }
  }

  /**
   * Resolves when no process of the group lives any more.
   * @throws Error that names those that still live after `limitMs`
   */
  async gone(limitMs: number): Promise<void> {
    const limit = performance.now() + limitMs
    for (;;) {
      const left = living(this.#pid)
      if (left.length === 0) return
      if (performance.now() > limit) throw new Error(`still living:\n${left.join('\n')}`)
      await delay(20)
    }
  }

  /** The id of the process of the group whose command line matches. */
  pidOf(pattern: RegExp): number {
    const found = living(this.#pid).filter((line) => pattern.test(line))
    if (found.length !== 1) throw new Error(`${found.length} processes match ${pattern}`)
    return Number.parseInt(found[0] as string, 10)
  }

  get #pid(): number {
    if (this.#child.pid === undefined) throw new Error('the command could not be started')
    return this.#child.pid
  }
}

/** The command lines of a group. A process that has ended and that nobody has asked about is dead. */
function living(group: number): string[] {
  const processes = process.platform === 'linux' ? fromProc() : fromPs()
  return processes
    .filter(({ pgid, state }) => pgid === group && !/^[ZX]/.test(state))
    .map(({ pid, command }) => `${pid} ${command}`)
}

interface ProcessFacts {
  pid: number
  pgid: number
  state: string
  command: string
}

/** A bare Debian has no `ps`. The fields: proc(5), /proc/pid/stat. */
function fromProc(): ProcessFacts[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        // The second field is the name in brackets, which may itself hold spaces and brackets.
        const [state = '', , pgid] =
          readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        return [{ pid: Number(pid), pgid: Number(pgid), state, command }]
      } catch {
        return [] // It ended between the listing and the reading.
      }
    })
}

function fromPs(): ProcessFacts[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,pgid=,stat=,command='], { encoding: 'utf8' })
  return lines.split('\n').flatMap((line) => {
    const [, pid, pgid, state = '', command = ''] =
      /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    return pid === undefined ? [] : [{ pid: Number(pid), pgid: Number(pgid), state, command }]
  })
}
