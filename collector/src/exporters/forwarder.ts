import { setTimeout as delay } from 'node:timers/promises'
import type { CursorFile } from './cursor-file.ts'
import { ForwardQueue, type QueueLimit, type StoredRequests } from './forward-queue.ts'
import { Backoff, defaultRetry, type RetrySettings } from './retry.ts'
import type { Target } from './target.ts'

/** Spans by what became of them; `/healthz` shows it. */
export interface ForwardCounts {
  /** What asked for it: a variable, or an exporter of the configuration. */
  exporter: string
  target: string
  queuedSpans: number
  queuedRequests: number
  forwardedSpans: number
  /** Refused for good by the target, in whole requests or in part. */
  refusedSpans: number
  /** Given up by us: the queue was full, the store keeps them no longer, or it took too long. */
  droppedSpans: number
}

/** How requests are put together; the names are those of the official batch processor. */
export interface BatchSettings {
  /** How long fewer spans than `sendBatchSize` wait for more. */
  timeoutMs: number
  sendBatchSize: number
  /** 0: no limit. A request as it came is not taken apart. */
  sendBatchMaxSize: number
}

export interface ForwarderOptions {
  /** What asked for it, for people. */
  id?: string
  /** Where the target's place in the store is kept; without, a start sends only what is new. */
  cursor?: CursorFile
  queue?: QueueLimit
  retry?: RetrySettings
  /** Left out: everything goes as soon as the request before it is answered. */
  batch?: BatchSettings | undefined
  /** How long `close` waits for the target, in milliseconds. */
  closeMs?: number
}

const defaultCloseMs = 2_000
/** Half of the 4 MiB that a gRPC server takes by default. */
const batchBytes = 2 * 1024 * 1024
/** A kill may lose this much of what was noted, and what was sent in it is then sent again. */
const noteEveryMs = 250
/** Where it is about to end there is no time for long pauses. */
const closingPauseMs = 200

/**
 * Sends on what the store has accepted, beside its way: nobody waits for it, and nothing that
 * happens to it is told to a sender. One request at a time, in order; what arrives meanwhile goes
 * into the next one. What may work later is tried until it works or newer spans need its room.
 */
export class Forwarder {
  readonly #id: string
  readonly #target: Target
  readonly #queue: ForwardQueue
  readonly #batch: BatchSettings | undefined
  readonly #backoff: Backoff
  readonly #closeMs: number
  readonly #giveUp = new AbortController()
  #pause = new AbortController()
  #isGathering = false
  #isSending = false
  #sent = Promise.resolve()
  #inFlight: Buffer | undefined
  #closed = false
  #nextNote: NodeJS.Timeout | undefined
  #forwarded = 0
  #refused = 0
  #dropped = 0
  /** What was dropped and not yet said; what was last said of a lasting state. */
  #unreported = 0
  #said = ''

  /** Goes on with what waits from before. */
  constructor(target: Target, store: StoredRequests, options: ForwarderOptions = {}) {
    this.#id = options.id ?? target.name
    this.#target = target
    this.#queue = new ForwardQueue(store, options.cursor, options.queue)
    this.#batch = options.batch
    this.#backoff = new Backoff(options.retry ?? defaultRetry)
    this.#closeMs = options.closeMs ?? defaultCloseMs
    if (!this.#queue.isEmpty) {
      console.log(`collector: ${this.#queue.spans} spans wait for ${target.name} from before`)
      this.#sent = this.#sendAll()
    }
  }

  get counts(): ForwardCounts {
    return {
      exporter: this.#id,
      target: this.#target.name,
      queuedSpans: this.#queue.spans,
      queuedRequests: this.#queue.requests,
      forwardedSpans: this.#forwarded,
      refusedSpans: this.#refused,
      droppedSpans: this.#dropped,
    }
  }

  /**
   * The store has taken a request; each is to be told, in order. Returns at once, never throws.
   * @param payload an ExportTraceServiceRequest in protobuf; not kept
   */
  stored(payload: Uint8Array, spans: number): void {
    const comesBack = this.#inFlight?.equals(payload) ?? false
    if (comesBack) {
      // The target is this collector under a name that did not show it, or it sends back: sent on
      // again, it would go round for ever. Or a sender repeats itself: then once is enough.
      this.#say(
        `what ${this.#target.name} is just being sent came in again (does it lead back here?)`,
      )
    }
    this.#drop(this.#queue.put(spans, comesBack))
    if (this.#isGathering && this.#isEnough()) this.#pause.abort()
    if (!this.#isSending && !this.#closed) this.#sent = this.#sendAll()
  }

  /** Sends what waits, for at most `closeMs`; the rest stays on disk. Nothing may come after it. */
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
    const left = this.#queue.spans
    if (left > 0) warn(`${left} spans wait on disk for ${this.#target.name}, until the next start`)
    clearTimeout(this.#nextNote)
    this.#queue.note()
    this.#reportDropped()
    this.#target.close()
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true
    while (!this.#giveUp.signal.aborted) {
      await this.#gather()
      try {
        if (!(await this.#sendNext())) break
      } catch (error) {
        // The disk: nothing is lost by it, and it may be better the next time.
        this.#say(`what waits for ${this.#target.name} cannot be read: ${error}`)
        await this.#sleep(defaultRetry.maxIntervalMs)
      }
    }
    this.#isSending = false
  }

  /**
   * @returns whether there was anything
   * @throws the file system's error when it cannot be read
   */
  async #sendNext(): Promise<boolean> {
    this.#drop(this.#queue.trim())
    const spans = this.#batch?.sendBatchMaxSize || Number.POSITIVE_INFINITY
    const batch = this.#queue.take({ bytes: batchBytes, spans })
    if (batch === undefined) return false
    // Nothing but what is not to be sent, or what can be read no more.
    if (batch.body.length > 0) await this.#send(batch.body, batch.spans)
    else this.#drop(this.#queue.settle())
    this.#noteSoon()
    return true
  }

  async #send(body: Buffer, spans: number): Promise<void> {
    this.#inFlight = body
    const result = await this.#target.send(body, this.#giveUp.signal)
    this.#inFlight = undefined
    if (result.kind === 'retry') {
      const pause = this.#backoff.next()
      if (pause !== undefined) {
        this.#drop(this.#queue.putBack())
        this.#say(`spans wait for ${this.#target.name}: ${result.reason}`)
        return this.#sleep(Math.max(result.afterMs ?? 0, pause))
      }
    }
    this.#backoff.reset()
    this.#drop(this.#queue.settle())
    if (result.kind === 'retry') {
      this.#dropped += spans
      return this.#say(`${this.#target.name} was tried for long enough: ${result.reason}`)
    }
    if (result.kind === 'refused') {
      this.#refused += spans
      return this.#say(`${this.#target.name} refuses spans: ${result.reason}`)
    }
    const { rejectedSpans, warning } = result
    // A target that rejects more than it was sent has miscounted.
    const rejected = Math.min(rejectedSpans, spans)
    this.#refused += rejected
    this.#forwarded += spans - rejected
    this.#reportDropped()
    if (rejected > 0) this.#say(`${this.#target.name} rejects some spans: ${warning}`)
    else if (warning !== '') this.#say(`${this.#target.name} warns: ${warning}`)
    else if (this.#said !== '') this.#say('')
  }

  /** Not each time: a note is two calls to the file system. */
  #noteSoon(): void {
    this.#nextNote ??= setTimeout(() => {
      this.#nextNote = undefined
      this.#queue.note()
    }, noteEveryMs)
  }

  /** Waits until there is a batch, or the first of it has waited long enough. */
  async #gather(): Promise<void> {
    if (this.#batch === undefined || this.#queue.isEmpty || this.#isEnough()) return
    this.#isGathering = true
    await this.#sleep(this.#batch.timeoutMs)
    this.#isGathering = false
  }

  #isEnough(): boolean {
    return this.#closed || this.#queue.spans >= (this.#batch?.sendBatchSize ?? 0)
  }

  /** Waits, unless `close` cuts it short. */
  async #sleep(ms: number): Promise<void> {
    this.#pause = new AbortController()
    if (this.#giveUp.signal.aborted) return
    const { signal } = this.#pause
    const pause = this.#closed ? Math.min(ms, closingPauseMs) : ms
    await delay(pause, undefined, { signal }).catch(() => undefined)
  }

  #drop(spans: number): void {
    if (spans === 0) return
    if (this.#unreported === 0) {
      warn(`spans for ${this.#target.name} are dropped: too many wait, the oldest go`)
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

function warn(text: string): void {
  console.warn(`collector: ${text}`)
}
