import { type Context, diag } from '@opentelemetry/api'
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace-web'
import { clockOf } from './operation-clock.ts'

/**
 * Said of a span that the page's end has cut short: its end is when the page was left, not when
 * the work was over, and nobody knows how that went. Its status stays unset, since people who go
 * away are no error: those who count errors need not know of it, and those who look at durations
 * can leave these spans out.
 */
export const attrInterrupted = 'operation.interrupted'

/** More would not fit into the last requests of a page anyway; and a span may be forgotten. */
const maxOpenSpans = 500

/** A span processor that knows which spans have started and not ended. */
export class OpenSpans implements SpanProcessor {
  /** With the context that each was started in, oldest first. */
  readonly #contexts = new Map<ReadableSpan & Span, Context>()

  onStart(span: Span, parentContext: Context): void {
    this.#contexts.set(span, parentContext)
    const [oldest] = this.#contexts.keys()
    if (oldest !== undefined && this.#contexts.size > maxOpenSpans) this.#contexts.delete(oldest)
  }

  onEnd(span: ReadableSpan): void {
    this.#contexts.delete(span as Span)
  }

  /** Ends them all, the newest first: a child must not end after its parent. */
  interrupt(): void {
    for (const [span, context] of [...this.#contexts].reverse()) {
      span.setAttribute(attrInterrupted, true)
      span.end(clockOf(context).now())
    }
  }

  forceFlush(): Promise<void> {
    return Promise.resolve()
  }

  shutdown(): Promise<void> {
    this.#contexts.clear()
    return Promise.resolve()
  }
}

/**
 * Sends what would be lost with the page.
 *
 * 1. Hidden (another tab, another application): a telephone may end the page without another word,
 *    so what is finished leaves now. What is still running goes on: mostly the page is shown again.
 * 2. Left (another page, tab closed): what is still running will not be finished here, and is ended
 *    as interrupted. `pagehide` is an event of the window; listening on the document, as the batch
 *    processor does, one never hears it.
 *
 * A page that is left may come back from the back/forward cache, with everything as it was. Its open
 * spans have ended then, once and for all (ending a span twice has no effect); new ones start anew.
 *
 * The exporter sends with `keepalive`, so that the requests survive the page. Browsers allow 64 KiB
 * of such requests at a time; what goes beyond (the exporter stops at 60 kB or 9 requests) is sent
 * without, and is lost when the page ends before it has left. So is what waits for a retry.
 *
 * @param flush begins to export at once, before its first `await`: there may be no later
 */
export function flushOnPageHide(openSpans: OpenSpans, flush: () => Promise<void>): void {
  const flushNow = (): void => {
    flush().catch((error) => diag.warn('flushing a page that goes away failed', error))
  }
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') flushNow()
  })
  addEventListener('pagehide', () => {
    // What is finished goes first: it says more, and there may not be room for all.
    flushNow()
    openSpans.interrupt()
    flushNow()
  })
}
