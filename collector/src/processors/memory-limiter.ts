import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { TracesConsumer } from '../consumer.ts'

export interface MemoryLimits {
  checkIntervalMs: number
  /** Above it spans are refused: `limit_mib` less `spike_limit_mib`. */
  softBytes: number
  /** Above it what can be freed is freed at each check: `limit_mib`. */
  hardBytes: number
}

/** How memory is looked at; what tests put in the place of this process. */
export interface Memory {
  /** Bytes. */
  used(): number
  /** Frees what nobody uses any more. */
  collect(): void
}

/** Above the soft limit alone; the official Collector's min_gc_interval_when_soft_limited. */
const collectEveryMs = 10_000

/** Spans are refused for now: a retryable answer for the sender, which tries again. */
export class OutOfMemoryError extends Error {
  override name = 'OutOfMemoryError'

  constructor() {
    super('too much memory is in use, send the spans again')
  }
}

/**
 * Refuses spans while too much memory is in use, as the official memory_limiter does: what is looked
 * at now and then decides for the time until the next look.
 */
export class MemoryLimiter implements TracesConsumer {
  readonly #limits: MemoryLimits
  readonly #next: TracesConsumer
  readonly #memory: Memory
  readonly #timer: NodeJS.Timeout
  #lastCollection = Number.NEGATIVE_INFINITY
  #isOver = false

  constructor(limits: MemoryLimits, next: TracesConsumer, memory: Memory = ownMemory()) {
    this.#limits = limits
    this.#next = next
    this.#memory = memory
    this.#timer = setInterval(() => this.check(), limits.checkIntervalMs)
    this.check()
  }

  async consumeTraces(request: Parameters<TracesConsumer['consumeTraces']>[0]) {
    if (this.#isOver) throw new OutOfMemoryError()
    return this.#next.consumeTraces(request)
  }

  /** Looks, and says once that it refuses and once that it takes again. */
  check(): void {
    const { softBytes, hardBytes } = this.#limits
    let used = this.#memory.used()
    const now = performance.now()
    const mayCollect = used > hardBytes || now - this.#lastCollection > collectEveryMs
    if (used > softBytes && mayCollect) {
      // Most of what looks used is garbage that V8 has not looked at yet.
      this.#memory.collect()
      this.#lastCollection = now
      used = this.#memory.used()
    }
    const isOver = used > softBytes
    if (isOver !== this.#isOver) {
      const mebibytes = Math.round(used / 1024 / 1024)
      const what = isOver ? 'senders must wait and retry' : 'spans are taken again'
      console.warn(`collector: memory_limiter: ${mebibytes} MiB in use, ${what}`)
    }
    this.#isOver = isOver
  }

  close(): void {
    clearInterval(this.#timer)
  }
}

/**
 * JavaScript's heap and the buffers beside it. Not the resident set, which the system takes back late
 * or never, so that a peak would be held against us for good.
 */
function ownMemory(): Memory {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  return {
    used: () => {
      const { heapUsed, external } = process.memoryUsage()
      return heapUsed + external
    },
    collect,
  }
}
