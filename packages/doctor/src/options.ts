import type { Span } from '@pingtrace/otlp'
import type { KnownService } from '@pingtrace/trace-facts'

/** What is known besides the spans of the trace. All of it may be left out. */
export interface DiagnoseOptions {
  /** Services that send their spans to where these came from: of them a SERVER span is expected. */
  services?: readonly KnownService[]
  /**
   * Loose ends of other traces from around the same time (`looseEnds`), where the other half of a
   * torn trace is looked for. Those of this trace are ignored.
   */
  elsewhere?: readonly Span[]
  /** Whether spans may still be under way; without it, what is not there is missing. */
  arrival?: Arrival
  /** What the receivers have turned away lately. */
  ingest?: readonly RefusedRequest[]
}

/** Milliseconds since the Unix epoch, both on the receiver's clock: senders' clocks are not asked. */
export interface Arrival {
  now: number
  /** When the last span of the trace arrived. */
  last: number
  /**
   * How long after that a span may still come; `arrivalWindowMs` when left out.
   */
  windowMs?: number
}

/** A request to an OTLP receiver of which spans were lost. */
export interface RefusedRequest {
  /** It carried spans, or a browser asked with it whether a page may send some. */
  kind: 'traces' | 'preflight'
  /** Milliseconds since the Unix epoch. */
  time: number
  /** The page that sent it, where there is one. */
  origin?: string
  /** `service.name`, where the request could be read. */
  service?: string
  /** In words: `origin not allowed`, `too large`, `malformed`. */
  reason: string
}
