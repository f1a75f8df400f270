import { type Context, diag, type SpanContext } from '@opentelemetry/api'

/** What the rule needs to know of a span that has ended. */
interface EndedSpan {
  readonly parentSpanContext?: SpanContext
}

/** The SDK's `SpanProcessor`, in as many words: sdk-trace-web and sdk-trace-node share its shape. */
interface Processor<StartedSpan, Ended> {
  onStart(span: StartedSpan, parentContext: Context): void
  onEnd(span: Ended): void
  forceFlush(): Promise<void>
  shutdown(): Promise<void>
}

/** The SDK's `SpanExporter`, as far as it matters here. */
interface Exporter {
  forceFlush?(): Promise<void>
  shutdown(): Promise<void>
}

/**
 * The pause between two flushes. Each export costs more than the spans in it: under 500 requests a
 * second this makes fifty exports of five hundred, and nobody sees the difference.
 */
const PAUSE_MS = 20

/**
 * A span processor that hands everything to a batch processor, and flushes it as soon as a local
 * root ends: a span without a parent, or with one in another process. Its operation is over here,
 * so waiting longer would only delay the trace. The batch processor's timer remains for spans whose
 * root is late.
 *
 * Under load the flushes merge: one is in flight, and those that are asked for meanwhile, and in a
 * short pause after it, become one more.
 *
 * @param batch for example `new BatchSpanProcessor(exporter, { scheduledDelayMillis: 200 })`
 * @param exporter the one behind `batch`, whose `forceFlush` waits for what is already on its way
 */
export class FlushOnLocalRoot<StartedSpan, Ended extends EndedSpan>
  implements Processor<StartedSpan, Ended>
{
  readonly #batch: Processor<StartedSpan, Ended>
  readonly #exporter: Exporter
  #inFlight = false
  #wanted = false

  constructor(batch: Processor<StartedSpan, Ended>, exporter: Exporter) {
    this.#batch = batch
    this.#exporter = exporter
  }

  onStart(span: StartedSpan, parentContext: Context): void {
    this.#batch.onStart(span, parentContext)
  }

  onEnd(span: Ended): void {
    this.#batch.onEnd(span)
    const parent = span.parentSpanContext
    if (parent === undefined || parent.isRemote === true) void this.#flushSoon()
  }

  async #flushSoon(): Promise<void> {
    this.#wanted = true
    if (this.#inFlight) return
    this.#inFlight = true
    while (this.#wanted) {
      this.#wanted = false
      try {
        await this.forceFlush()
      } catch (error) {
        // Telemetry's failure is not the application's: whoever ended the span never sees it.
        diag.warn('flushing at the end of a local root failed', error)
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
    this.#inFlight = false
  }

  /** Resolves when every span that ended before the call has left, or was given up. */
  async forceFlush(): Promise<void> {
    await this.#batch.forceFlush()
    // The batch processor does not wait for an export that it began earlier; the exporter does.
    await this.#exporter.forceFlush?.()
  }

  /** Exports what is left and shuts the exporter down. */
  shutdown(): Promise<void> {
    return this.#batch.shutdown()
  }
}
