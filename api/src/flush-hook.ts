import { setTimeout as delay } from 'node:timers/promises'
import type { ExportCounts, FlushReport, Tracing } from './tracing/index.ts'

/** A collector that is away is waited for no longer: whoever asked may ask again. */
const FLUSH_LIMIT_MS = 2_000

export type FlushHook = () => Promise<FlushReport>

/**
 * What `POST /pingtrace/flush` does: sends the spans that have ended, and answers what became of
 * the spans of each trace since the last call:
 * `{ "traces": { "<trace id>": { "exported": 5, "dropped": 0 } } }`.
 *
 * For tests, which otherwise could only wait and hope. A request's own span has ended when its
 * response has been read, so that after `GET /ping` this tells of all five. Spans still on their way
 * after 2 s are told about at a later call; each span is told once, whoever asks.
 *
 * Only with PINGTRACE_FLUSH_HOOK=1: it tells trace ids, and costs an export for each call. Like the
 * rest of the API it is on loopback, for the listed pages and for programs of this machine.
 */
export function flushHook(tracing: Pick<Tracing, 'flush'>, counts: ExportCounts): FlushHook {
  return async () => {
    await Promise.race([tracing.flush(), delay(FLUSH_LIMIT_MS, undefined, { ref: false })])
    return counts.take()
  }
}
