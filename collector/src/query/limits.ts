/** What keeps askers from taking the collector away from its senders. */
export interface QueryLimits {
  /** Of the port, on each of its addresses; one more is closed as it comes. */
  connections: number
  /** Live streams that are open at a time: each page has two, each tab of the viewer two more. */
  streams: number
  /** Searches at a time; each reads up to 1 GiB and answers up to 64 MiB. */
  searches: number
  /** Groupings and service maps at a time; each may look at all that is stored. */
  overviews: number
  /** Questions to the configured Jaeger at a time, the polls of streams aside. */
  jaeger: number
  /** Bytes of one trace (as it is stored) that is looked at as a whole; in memory they are many more. */
  traceBytes: number
  /** The same of what is answered at a time of a trace that nobody looks at here, however large. */
  partBytes: number
  /** Milliseconds in which who gets such an answer has to read some of it. */
  stallMs: number
  /** Spans whose arrival is told of a trace; more of them nobody replays. */
  arrivals: number
  /** Milliseconds for the headers of a request, and for all of it: it has no body. */
  requestMs: number
}

export const queryLimits: QueryLimits = {
  connections: 500,
  streams: 200,
  searches: 4,
  overviews: 2,
  jaeger: 32,
  traceBytes: 64 * 1024 * 1024,
  partBytes: 128 * 1024,
  stallMs: 30_000,
  arrivals: 100_000,
  requestMs: 10_000,
}
