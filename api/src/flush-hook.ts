import { setTimeout as delay } from 'node:timers/promises'
import type { ExportLedger, FlushReport, Tracing } from './tracing/index.ts'

/** A collector that is away is waited for no longer: whoever asked may ask again. */
const FLUSH_LIMIT_MS = 2_000

/** @param traceIds the traces to tell of; all when left out */
export type FlushHook = (traceIds?: readonly string[]) => Promise<FlushReport>

/**
 * What `POST /pingtrace/flush` does: sends the spans that have ended, and answers what became of the
 * spans of each trace since the API started; of some traces alone with `?traceId=<id>&traceId=<id>`:
 * `{ "traces": { "<trace id>": { "exported": ["<span id>", …], "dropped": 0, "open": 0 } } }`.
 *
 * For tests, which otherwise could only wait and hope. `open` are the spans that run, and those that
 * are still on their way after 2 s.
 *
 * Only with PINGTRACE_FLUSH_HOOK=1: it tells trace ids, and costs an export for each call. Like the
 * rest of the API it is on loopback, for the listed pages and for programs of this machine.
 */
export function flushHook(tracing: Pick<Tracing, 'flush'>, ledger: ExportLedger): FlushHook {
  return async (traceIds) => {
    await Promise.race([tracing.flush(), delay(FLUSH_LIMIT_MS, undefined, { ref: false })])
    return ledger.report(traceIds)
  }
}
