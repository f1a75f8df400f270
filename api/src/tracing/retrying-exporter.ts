import { setTimeout as delay } from 'node:timers/promises'
import { diag } from '@opentelemetry/api'
import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node'
import { retryDelay } from './retryable.ts'

/** The largest request: 512 spans with stack traces stay well below gRPC's usual limit of 4 MiB. */
const BATCH_SPANS = 512
/** Spans that may wait while the collector is away: 13 s of 500 requests with 5 spans a second. */
const QUEUE_SPANS = 32_768
const FIRST_BACKOFF_MS = 100
/** Also how long a collector that is back may wait for its first span. */
const MAX_BACKOFF_MS = 2_000
/** A batch that nobody took for so long (awake) is given up, so that newer spans get their turn. */
const GIVE_UP_AFTER_MS = 300_000
const SHUTDOWN_MS = 2_000

type SettledListener = (spans: readonly ReadableSpan[], outcome: 'exported' | 'dropped') => void

export interface RetryingExporterOptions {
  /** Makes an exporter with a connection of its own; called again after every failure. */
  connect: () => SpanExporter
  /** Spans that may wait; beyond that the newest are dropped. */
  queueSpans?: number
  /** How long `shutdown` waits for the collector, in milliseconds. */
  shutdownMs?: number
  /** Told once of every span: when the collector has acknowledged it, or when it is given up. */
  onSettled?: SettledListener | undefined
}

/**
 * A span exporter that keeps spans until the collector has taken them.
 *
 * The stock gRPC exporter tries once: spans that end while the collector is away are gone within
 * milliseconds. This one queues what it is handed, sends it in order, one request at a time, and
 * retries what OTLP calls retryable with exponential backoff and jitter. Requests that wait are
 * merged, so a backlog leaves in few large ones.
 *
 * `export` reports success as soon as the spans are queued; what happens to them later is told to
 * `diag` and to `onSettled`. `forceFlush` waits for it.
 */
export class RetryingExporter implements SpanExporter {
  readonly #connect: () => SpanExporter
  readonly #queueSpans: number
  readonly #shutdownMs: number
  readonly #onSettled: SettledListener
  readonly #queue: ReadableSpan[] = []
  #exporter: SpanExporter | undefined
  #sending = false
  #closed = false
  /** Spans ever queued, and of these the ones exported or given up: the queue is first in first out. */
  #accepted = 0
  #settled = 0
  #dropped = 0
  #waiting: Array<{ until: number; resolve: () => void }> = []
  #pause = new AbortController()

  constructor(options: RetryingExporterOptions) {
    this.#connect = options.connect
    this.#queueSpans = options.queueSpans ?? QUEUE_SPANS
    this.#shutdownMs = options.shutdownMs ?? SHUTDOWN_MS
    this.#onSettled = options.onSettled ?? (() => undefined)
  }

  export(spans: ReadableSpan[], resultCallback: (result: ExportResult) => void): void {
    const room = this.#closed ? 0 : this.#queueSpans - this.#queue.length
    const fitting = spans.slice(0, Math.max(0, room))
    this.#queue.push(...fitting)
    this.#accepted += fitting.length
    if (fitting.length < spans.length) this.#drop(spans.slice(fitting.length))
    if (!this.#sending) void this.#sendAll()
    resultCallback({ code: ExportResultCode.SUCCESS })
  }

  /** Resolves when every span handed over before the call is exported or given up. */
  forceFlush(): Promise<void> {
    if (this.#settled >= this.#accepted) return Promise.resolve()
    const until = this.#accepted
    return new Promise((resolve) => this.#waiting.push({ until, resolve }))
  }

  /** Sends what is left, for at most `shutdownMs`, and gives up the rest. */
  async shutdown(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#pause.abort()
    const done = new AbortController()
    await Promise.race([
      this.forceFlush(),
      delay(this.#shutdownMs, undefined, { signal: done.signal }).catch(() => undefined),
    ])
    done.abort()
    const left = this.#queue.splice(0)
    if (left.length > 0) {
      diag.warn(`the collector is away: ${left.length} spans given up at shutdown`)
    }
    this.#settle(left, 'dropped')
    this.#disconnect()
  }

  async #sendAll(): Promise<void> {
    this.#sending = true
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, BATCH_SPANS)
      const outcome = await this.#sendBatch(batch)
      // Empty after a shutdown that ran out of time: then the batch is settled already.
      this.#settle(this.#queue.splice(0, batch.length), outcome)
    }
    this.#sending = false
  }

  /** Sends one batch until it is taken, refused for good, or too old. */
  async #sendBatch(batch: ReadableSpan[]): Promise<'exported' | 'dropped'> {
    const since = performance.now()
    for (let attempt = 0; this.#queue.length > 0; attempt++) {
      const result = await this.#tryOnce(batch)
      if (result.code === ExportResultCode.SUCCESS) {
        if (attempt > 0) diag.info('the collector is back, and has the spans that waited')
        this.#reportDropped()
        return 'exported'
      }
      this.#disconnect()
      const asked = retryDelay(result.error)
      if (asked === undefined || performance.now() - since > GIVE_UP_AFTER_MS) {
        diag.error(`${batch.length} spans given up`, describe(result.error))
        return 'dropped'
      }
      if (attempt === 0) diag.warn('the collector is away, spans wait', describe(result.error))
      await this.#sleep(Math.max(asked, backoff(attempt)))
      if (this.#closed) attempt = 0
    }
    return 'dropped'
  }

  #tryOnce(batch: ReadableSpan[]): Promise<ExportResult> {
    return new Promise((resolve) => {
      try {
        this.#exporter ??= this.#connect()
        this.#exporter.export(batch, resolve)
      } catch (error) {
        resolve({ code: ExportResultCode.FAILED, error: error as Error })
      }
    })
  }

  /**
   * Lets go of the connection after a failure. A gRPC channel that cannot connect has a backoff of
   * its own, which grows to two minutes; a new channel tries at once. (Channels to one address share
   * the connection and its backoff: the old one must be closed before the next is made.)
   */
  #disconnect(): void {
    this.#exporter?.shutdown().catch((error: unknown) => diag.debug('closing an exporter', error))
    this.#exporter = undefined
  }

  /** Waits, unless `shutdown` cuts it short; the wait alone keeps no process alive. */
  async #sleep(ms: number): Promise<void> {
    this.#pause = new AbortController()
    await delay(ms, undefined, { signal: this.#pause.signal, ref: false }).catch(() => undefined)
  }

  #settle(spans: ReadableSpan[], outcome: 'exported' | 'dropped'): void {
    this.#onSettled(spans, outcome)
    this.#settled += spans.length
    const done = this.#waiting.filter(({ until }) => until <= this.#settled)
    this.#waiting = this.#waiting.filter(({ until }) => until > this.#settled)
    for (const { resolve } of done) resolve()
  }

  /** Says it once, when dropping begins; how many they were, when the collector is back. */
  #drop(spans: ReadableSpan[]): void {
    if (this.#dropped === 0) {
      diag.warn(this.#closed ? 'spans ended after shutdown: dropped' : 'queue full: spans dropped')
    }
    this.#dropped += spans.length
    this.#onSettled(spans, 'dropped')
  }

  #reportDropped(): void {
    if (this.#dropped > 0) diag.warn(`${this.#dropped} spans were dropped while the queue was full`)
    this.#dropped = 0
  }
}

/** Doubles from the first to the largest backoff; the jitter takes up to half of it away. */
function backoff(attempt: number): number {
  const full = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt)
  return full * (0.5 + Math.random() / 2)
}

/** The message alone: the error object of a gRPC call also holds its metadata, and so a token. */
function describe(error: Error | undefined): string {
  return error?.message ?? 'no reason given'
}
