import { followTest } from '@pingtrace/trace-oracle/page'
import { ExportLedger } from './tracing/export-ledger.ts'
import { flushTracing } from './tracing/index.ts'

/** Where the tracing of the page writes down what becomes of its spans. */
export const ledger = new ExportLedger()

/**
 * Only with PINGTRACE_FLUSH_HOOK=1: what tests need of the page, in `globalThis.pingtrace`.
 *
 * `await pingtrace.flush()` is the counterpart of the API's `POST /pingtrace/flush`: it sends the spans
 * that have ended, and tells what became of the spans of each trace. It resolves when the fate of
 * every span that has ended is known. While the collector is away that is when the exporter gives up,
 * after five attempts in about nine seconds.
 *
 * `pingtrace.traceparent`, where a test has set it, is the parent of what begins without one.
 */
export function offerTestHook(): void {
  globalThis.pingtrace = { ...globalThis.pingtrace, flush: flushTracing }
  followTest()
}
