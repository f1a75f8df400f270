import type { TracesData } from './otlp-json.ts'
import type { SpanKind } from './span.ts'

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

/** The event `spans` of `GET /live/v1/stream?traceId=`. */
export interface ArrivedSpans extends TracesData {
  /**
   * Milliseconds since the latest span of the trace arrived, by the collector's clock. The page counts
   * on from there by a clock of its own: so nobody has to agree on what time it is. Absent while more
   * of what is stored follows.
   */
  quietForMs?: number
  /**
   * The spans as TracesData in protobuf, in base64, in place of `resourceSpans`: for those who ask with
   * `encoding=protobuf`, where the source has it.
   */
  protobuf?: string
}

/**
 * What `GET /live/v1/traces/{traceId}/arrivals` answers: the requests that brought spans of a trace,
 * the first in front. A span that was sent again is in none but the first.
 */
export interface TraceArrivals {
  arrivals: Arrival[]
  /** How many spans came after those, when there were as many as an answer may have. */
  laterSpans: number
}

/** One request. */
export interface Arrival {
  /** Milliseconds since the Unix epoch on the collector's clock. */
  at: number
  /** 16 lower-case hex digits each; an id is there once for each different span that has it. */
  spanIds: string[]
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

/**
 * What `GET /live/v1/operations` answers: the spans that a query selects (all of them without one),
 * grouped by what they did. `q`, `start` and `end` are as in a search, but here it is each span that
 * must have started between the two.
 */
export interface OperationsResult {
  /** The one with the most spans first. */
  operations: OperationStats[]
  /** How many spans were looked at and counted. */
  spanCount: number
  /** Those of them whose operation came when there were as many as an answer may have. */
  ungroupedSpans: number
  /** What those come to; absent when there are none. */
  others?: OperationTotals
  time: TimeSteps
  /** Why there may be more; absent when all that are stored were looked at. */
  partial?: PartialReason
}

/**
 * What the steps of all series cover, in milliseconds since the Unix epoch. Where no time was asked
 * for it is that of the spans, without the few (one in two hundred) that are farthest off.
 */
export interface TimeSteps {
  from: number
  to: number
  /** The length of a step: a second, or that doubled until the steps are few. */
  stepMs: number
}

/** How many there were, and how long they took: durations are nanoseconds, right within 1 %. */
export interface DurationStats {
  count: number
  errorCount: number
  p50Nano: number
  p95Nano: number
  p99Nano: number
}

export interface OperationTotals extends DurationStats {
  /** In order of time, steps with spans only; spans that are outside of the time are in none. */
  steps: OperationStep[]
}

export interface OperationStats extends OperationTotals {
  service: string
  name: string
  kind: SpanKind
}

export interface OperationStep {
  /** When it begins, in milliseconds since the Unix epoch. */
  at: number
  count: number
  errorCount: number
  /** Nanoseconds, right within 5 %. */
  p95Nano: number
}

/**
 * What `GET /live/v1/service-map` answers: who calls whom, in the traces that a query matches (in all
 * of them without one) and that were going on between `start` and `end`.
 */
export interface ServiceMapResult {
  nodes: ServiceNode[]
  edges: ServiceEdge[]
  /** How many traces were looked at. */
  examined: number
  /** Spans of services, and calls, that came when there were as many as an answer may have. */
  unmapped: number
  time: TimeSteps
  /** Why there may be more; absent when all that are stored were looked at. */
  partial?: PartialReason
}

/**
 * A service, with the spans by which work enters it: SERVER and CONSUMER ones, and those whose parent
 * is in another service, is not stored, or is none. Or what is called and sends no spans of its own;
 * it has the calls.
 */
export interface ServiceNode extends DurationStats {
  /** Unique in the answer; edges name it. */
  id: string
  name: string
  kind: 'service' | 'database' | 'messaging' | 'external'
  /** The attributes of the calling spans that name it; absent for a service. */
  attributes?: Record<string, string | number>
}

/** The calls of one node by another. How long they took is what the caller saw, where it says so. */
export interface ServiceEdge extends DurationStats {
  from: string
  to: string
}

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
