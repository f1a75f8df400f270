/** What a span must be for its trace to be found: one span has to fit everything that is given. */
export interface TraceQuery {
  /** Its resource's `service.name`. */
  service: string | undefined
  operation: string | undefined
  /** Nanoseconds since the Unix epoch; both belong to the range. */
  startMin: bigint
  startMax: bigint
  /** Nanoseconds, both inclusive. */
  durationMin: number | undefined
  durationMax: number | undefined
  /** Values as text, whatever their type; see attribute-match.ts for the keys that mean more. */
  attributes: ReadonlyMap<string, string>
  /** At most this many traces are found. */
  limit: number
}

/** The limits of a search, so that no question can take the collector away from its senders. */
export const searchLimits = {
  /** Bytes of records read to look at attributes; the filters of sealed segments spare most. */
  readBytes: 1024 * 1024 * 1024,
  /** Bytes of spans (as they are stored) in an answer, if it has more than one trace. */
  answerBytes: 64 * 1024 * 1024,
  /** Milliseconds of searching before others get their turn. */
  turn: 10,
}

/** An answer would be wrong, because what was read up to the limit need not be all there is. */
export class SearchTooLargeError extends Error {
  override name = 'SearchTooLargeError'
}
