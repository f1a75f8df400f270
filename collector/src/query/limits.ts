/** What keeps askers from taking the collector away from its senders. */
export interface QueryLimits {
  /** Of the port, on each of its addresses; one more is closed as it comes. */
  connections: number
  /** Live streams that are open at a time: each page has two, each tab of the viewer two more. */
  streams: number
  /** Searches at a time; each reads up to 1 GiB and holds up to 64 MiB of an answer. */
  searches: number
  /** Groupings and service maps at a time; each may look at all that is stored. */
  overviews: number
  /** Questions to the configured Jaeger at a time, the polls of streams aside. */
  jaeger: number
  /** Bytes of one trace (as it is stored) in an answer; as JSON they are two or three times as many. */
  traceBytes: number
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
  requestMs: 10_000,
}
