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
