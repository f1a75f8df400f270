import { MalformedError } from '../consumer.ts'
import { TracesScan } from '../otlp/scan.ts'
import type { TraceStore } from '../store/trace-store.ts'
import type { CursorFile } from './cursor-file.ts'
import { SpanTally } from './span-tally.ts'

/** What a queue needs of the store, which holds the bytes. */
export type StoredRequests = Pick<
  TraceStore,
  'start' | 'end' | 'positionOf' | 'cursorOf' | 'requestsAfter'
>

/** How much may wait; nothing but the store's retention limits it when left out. */
export interface QueueLimit {
  requests?: number
  spans?: number
}

export interface BatchLimit {
  bytes: number
  spans: number
}

/** Requests that are sent as one. */
export interface Batch {
  readonly spans: number
  /**
   * Protobuf written one after the other is one message with the repeated fields of all: requests
   * are merged without looking into them (protobuf.dev/programming-guides/encoding, "Last One Wins").
   */
  readonly body: Buffer
  /** The cursor after it. */
  readonly next: number
}

/** Of the store at a time, when a start counts what waits. */
const pageBytes = 8 * 1024 * 1024

/**
 * What one target is still to be sent: everything in the store after a cursor. The bytes are on
 * disk already, so a queue costs a number for each request, a target's absence costs nothing for
 * as long as the store keeps what waits, and a restart goes on where the cursor's file says.
 * Past the limit the oldest goes: what happens now is worth more to whoever looks.
 */
export class ForwardQueue {
  readonly #store: StoredRequests
  readonly #file: CursorFile | undefined
  readonly #limit: QueueLimit
  readonly #tally = new SpanTally()
  readonly #skipped = new Set<number>()
  #cursor: number
  #out: Batch | undefined

  /** @param file undefined for a target that gets only what arrives while it is there */
  constructor(store: StoredRequests, file?: CursorFile, limit: QueueLimit = {}) {
    this.#store = store
    this.#file = file
    this.#limit = limit
    this.#cursor = cursorOf(file?.read(), store)
    this.#countBacklog()
    // A first start is noted as well, or a target that is never reached would lose its queue.
    this.note()
  }

  /** What waits, with the batch that is out. */
  get spans(): number {
    return this.#tally.spans
  }

  get requests(): number {
    return this.#tally.requests
  }

  get isEmpty(): boolean {
    return this.requests === 0
  }

  /**
   * The store has one more request; each is to be told, in order.
   * @param skip it must not be sent
   * @returns how many spans had to go
   */
  put(spans: number, skip = false): number {
    if (skip) this.#skipped.add(this.#cursor + this.requests)
    this.#tally.push(skip ? 0 : spans)
    return this.trim()
  }

  /**
   * The oldest requests, within the limit and at least one; undefined when nothing waits. They count
   * as waiting until `settle` or `putBack`, one of which must follow before the next `take`.
   */
  take(limit: BatchLimit): Batch | undefined {
    const parts: Uint8Array[] = []
    let spans = 0
    let { content, next } = this.#store.requestsAfter(this.#cursor, limit.bytes)
    // Those that are stored and not told yet come with the next batch: they are not counted.
    const end = this.#cursor + this.requests
    next = Math.min(next, end)
    for (const { record, payload } of content) {
      if (record >= end) break
      const more = this.#tally.at(record - this.#cursor)
      if (parts.length > 0 && spans + more > limit.spans) {
        next = record
        break
      }
      if (this.#skipped.has(record)) continue
      parts.push(payload)
      spans += more
    }
    if (next === this.#cursor) return undefined
    this.#out = { spans, body: Buffer.concat(parts), next }
    return this.#out
  }

  /** The batch that is out needs nobody any more. @returns how many spans had to go after it */
  settle(): number {
    if (this.#out === undefined) return 0
    const { next } = this.#out
    this.#out = undefined
    this.#advance(next)
    return this.trim()
  }

  /** The batch that is out must be sent again. @returns how many spans had to go */
  putBack(): number {
    this.#out = undefined
    return this.trim()
  }

  /**
   * Drops what is over the limit and what the store has no more. A batch that is out may be arriving
   * now: nothing is dropped until that is known.
   * @returns how many spans had to go
   */
  trim(): number {
    if (this.#out !== undefined) return 0
    const { requests = Number.POSITIVE_INFINITY, spans = Number.POSITIVE_INFINITY } = this.#limit
    let drop = Math.max(this.#store.start - this.#cursor, this.requests - requests, 0)
    let left = this.spans
    for (let i = 0; i < this.requests; i++) {
      if (i >= drop && left <= spans) break
      left -= this.#tally.at(i)
      drop = Math.max(drop, i + 1)
    }
    return drop > 0 ? this.#advance(this.#cursor + drop) : 0
  }

  /** Notes where it is, for the next start. */
  note(): void {
    this.#file?.write(this.#store.positionOf(this.#cursor))
  }

  /** @returns how many spans are behind now */
  #advance(cursor: number): number {
    const spans = this.#tally.shift(cursor - this.#cursor)
    for (const record of this.#skipped) if (record < cursor) this.#skipped.delete(record)
    this.#cursor = cursor
    return spans
  }

  /** Spans that a request had rejected are counted as well: that is not stored. */
  #countBacklog(): void {
    const scan = new TracesScan()
    for (let after = this.#cursor; after < this.#store.end; ) {
      const { content, next } = this.#store.requestsAfter(after, pageBytes)
      for (const { record, payload } of content) {
        while (this.#cursor + this.requests < record) this.#tally.push(0)
        this.#tally.push(countSpans(scan, payload))
      }
      after = next
    }
    while (this.#cursor + this.requests < this.#store.end) this.#tally.push(0)
  }
}

function countSpans(scan: TracesScan, payload: Uint8Array): number {
  try {
    scan.scan(payload)
    return scan.spanCount
  } catch (error) {
    if (error instanceof MalformedError) return 0
    throw error
  }
}

/**
 * Where to go on. A new target gets what arrives from now on. Where the position is gone (retention
 * was faster, or the disk lost something) the segment's beginning is, or the oldest that is left:
 * better twice than never.
 */
function cursorOf(position: string | undefined, store: StoredRequests): number {
  if (position === undefined) return store.end
  const segment = position.split('-')[0]
  const found = store.cursorOf(position) ?? store.cursorOf(`${segment}-0`)
  if (found !== undefined) return Math.max(found, store.start)
  console.warn('collector: what waited to be forwarded is stored no more: going on with the oldest')
  return store.start
}
