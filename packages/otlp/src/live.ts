/**
 * What the collector's live endpoints say of a trace without its spans.
 * `GET /live/v1/traces` answers `{ traces: TraceSummary[] }`, newest arrival first; the event
 * `traces` of `GET /live/v1/stream` carries the same object for the traces that changed.
 */
export interface TraceSummary {
  traceId: string
  /** Name and service of the span without a parent; of the earliest span while none has arrived. */
  name: string
  service: string
  /** Whether a span without a parent has arrived. */
  hasRoot: boolean
  /** All services seen in the trace, in order of first arrival. */
  services: string[]
  spanCount: number
  errorCount: number
  /** Nanoseconds since the Unix epoch, decimal: the earliest start. */
  startTimeUnixNano: string
  /** From the earliest start to the latest end, decimal nanoseconds. */
  durationNano: string
  /** Milliseconds since the Unix epoch on the collector's clock: the latest arrival. */
  arrivedAt: number
}

/**
 * What `GET /live/v1/search` answers: the traces that a TraceQL query matches, newest arrival first.
 * The query is in `q`; `start` and `end` (RFC 3339, or seconds since the Unix epoch) leave out the
 * traces that were not going on between them; `limit` is the most that are wanted.
 */
export interface SearchResult {
  traces: MatchedTrace[]
  /** How many traces were looked at. */
  examined: number
  /** Why there may be more traces than these; absent when all that are stored were looked at. */
  partial?: PartialReason
}

export interface MatchedTrace extends TraceSummary {
  /** How many of its spans the query selects, and the ids of the first hundred by arrival. */
  matchedCount: number
  matchedSpanIds: string[]
}

/** The limit of the answer was reached, or of the traces, the time or the bytes of a search. */
export type PartialReason = 'limit' | 'traces' | 'time' | 'bytes' | 'stopped'

/** The body of an answer to a query that is wrong. */
export interface SearchError {
  error: {
    httpCode: number
    message: string
    /** Where in `q` it is wrong: UTF-16 units from its start, the end not included. */
    start?: number
    end?: number
    /** Of `start`, both from 1. */
    line?: number
    column?: number
    /** What could have stood there instead, in words for people. */
    expected?: readonly string[]
  }
}
