import { setTimeout as delay } from 'node:timers/promises'
import { ForwardQueue } from './forward-queue.ts'
import type { Target } from './target.ts'

/** Spans by what became of them; `/healthz` shows it. */
export interface ForwardCounts {
  target: string
  queuedSpans: number
  queuedBytes: number
  forwardedSpans: number
  /** Refused for good by the target, in whole requests or in part. */
  refusedSpans: number
  /** Given up by us: the queue was full, or the collector ended first. */
  droppedSpans: number
}

export interface ForwarderOptions {
  /** Memory for what waits; the default holds 2,000 spans a second (300 bytes each) for two minutes. */
  maxQueueBytes?: number
  /** How long `close` waits for the target, in milliseconds. */
  closeMs?: number
}

const defaultQueueBytes = 64 * 1024 * 1024
const defaultCloseMs = 2_000
/** Half of the 4 MiB that a gRPC server takes by default. */
const batchBytes = 2 * 1024 * 1024
const firstBackoffMs = 200
/** Also how long a target that is back may wait for its first span. */
const maxBackoffMs = 10_000

/**
 * Sends on what the collector has accepted, beside its way: nobody waits for it, and nothing that
 * happens to it is told to a sender. One request at a time, in order; what arrives meanwhile goes
 * into the next one. What may work later is tried until it works or newer spans need its room.
 */
export class Forwarder {
  readonly #target: Target
  readonly #queue: ForwardQueue
  readonly #closeMs: number
  readonly #giveUp = new AbortController()
  #pause = new AbortController()
  #isSending = false
  #sent = Promise.resolve()
  #inFlight: Buffer | undefined
  #closed = false
  #forwarded = 0
  #refused = 0
  #dropped = 0
  /** What was dropped and not yet said; what was last said of a lasting state. */
  #unreported = 0
  #said = ''

  constructor(target: Target, options: ForwarderOptions = {}) {
    this.#target = target
    this.#queue = new ForwardQueue(options.maxQueueBytes ?? defaultQueueBytes)
    this.#closeMs = options.closeMs ?? defaultCloseMs
  }

  get counts(): ForwardCounts {
    return {
      target: this.#target.name,
      queuedSpans: this.#queue.spans,
      queuedBytes: this.#queue.bytes,
      forwardedSpans: this.#forwarded,
      refusedSpans: this.#refused,
      droppedSpans: this.#dropped,
    }
  }

  /**
   * Queues a request; returns at once and never throws.
   * @param payload an ExportTraceServiceRequest in protobuf; copied
   */
  forward(payload: Uint8Array, spans: number): void {
    if (this.#inFlight?.equals(payload)) {
      // The target is this collector under a name that did not show it, or it sends back: sent on
      // again, it would go round for ever. Or a sender repeats itself: then once is enough.
      this.#say(
        `what ${this.#target.name} is just being sent came in again (does it lead back here?)`,
      )
      return
    }
    this.#drop(this.#queue.put(payload, spans))
    if (!this.#isSending) this.#sent = this.#sendAll()
  }

  /** Sends what waits, for at most `closeMs`, and gives up the rest; nothing may come after it. */
  async close(): Promise<void> {
    this.#closed = true
    this.#pause.abort()
    const done = new AbortController()
    const limit = delay(this.#closeMs, undefined, { signal: done.signal }).catch(() => undefined)
    await Promise.race([this.#sent, limit])
    done.abort()
    this.#giveUp.abort()
    this.#pause.abort()
    await this.#sent
    const left = this.#queue.clear()
    this.#dropped += left
    if (left > 0) warn(`${this.#target.name} did not take ${left} spans before the end`)
    this.#reportDropped()
    this.#target.close()
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true
    let failures = 0
    while (!this.#giveUp.signal.aborted) {
      const batch = this.#queue.take(batchBytes)
      if (batch === undefined) break
      this.#inFlight = batch.body
      const result = await this.#target.send(batch.body, this.#giveUp.signal)
      this.#inFlight = undefined
      if (result.kind === 'retry') {
        this.#drop(this.#queue.putBack())
        this.#say(`spans wait for ${this.#target.name}: ${result.reason}`)
        await this.#sleep(Math.max(result.afterMs ?? 0, backoff(failures++)))
        continue
      }
      failures = 0
      this.#queue.settle()
      if (result.kind === 'refused') {
        this.#refused += batch.spans
        this.#say(`${this.#target.name} refuses spans: ${result.reason}`)
        continue
      }
      const { rejectedSpans, warning } = result
      // A target that rejects more than it was sent has miscounted.
      const rejected = Math.min(rejectedSpans, batch.spans)
      this.#refused += rejected
      this.#forwarded += batch.spans - rejected
      this.#reportDropped()
      if (rejected > 0) this.#say(`${this.#target.name} rejects some spans: ${warning}`)
      else if (warning !== '') this.#say(`${this.#target.name} warns: ${warning}`)
      else if (this.#said !== '') this.#say('')
    }
    this.#isSending = false
  }

  /** Waits, unless `close` cuts it short: then there is no time for long pauses. */
  async #sleep(ms: number): Promise<void> {
    this.#pause = new AbortController()
    if (this.#giveUp.signal.aborted) return
    const { signal } = this.#pause
    await delay(this.#closed ? firstBackoffMs : ms, undefined, { signal }).catch(() => undefined)
  }

  #drop(spans: number): void {
    if (spans === 0) return
    if (this.#unreported === 0) {
      warn(`spans for ${this.#target.name} are dropped: the queue is full, the oldest go`)
    }
    this.#unreported += spans
    this.#dropped += spans
  }

  #reportDropped(): void {
    if (this.#unreported > 0) {
      warn(`${this.#unreported} spans were dropped that ${this.#target.name} should have had`)
    }
    this.#unreported = 0
  }

  /** Once for as long as it stays the same; nothing to say means that it works again. */
  #say(text: string): void {
    if (text === this.#said) return
    this.#said = text
    warn(text || `${this.#target.name} takes spans again`)
  }
}

/** Doubles up to the largest; the jitter takes up to half of it away. */
function backoff(failures: number): number {
  return Math.min(maxBackoffMs, firstBackoffMs * 2 ** failures) * (0.5 + Math.random() / 2)
}

function warn(text: string): void {
  console.warn(`collector: ${text}`)
}
