import { flushTracing } from './tracing/index.ts'

declare global {
  /** Only with PINGTRACE_FLUSH_HOOK=1. */
  var pingtrace: { flush: typeof flushTracing } | undefined
}

/**
 * Gives whoever drives the page `await pingtrace.flush()`, the counterpart of the API's
 * `POST /pingtrace/flush`: it sends the spans that have ended, and tells what became of the spans of
 * each trace since the last call: `{ traces: { '<trace id>': { exported: 1, dropped: 0 } } }`.
 *
 * It resolves when the fate of every span that has ended is known. While the collector is away that
 * is when the exporter gives up, after five attempts in about nine seconds.
 */
export function offerFlushHook(): void {
  globalThis.pingtrace = { flush: flushTracing }
}
