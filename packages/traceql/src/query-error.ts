/** Longer texts are refused: a query is typed by a person, and parsing recurses over it. */
export const maxQueryLength = 8_000

/** A query that cannot be read: what is wrong, and where. Nothing else is thrown by this package. */
export class QueryError extends Error {
  override name = 'QueryError'
  /** Where in the text it is: UTF-16 units from the start, the end not included. */
  readonly start: number
  readonly end: number
  /** Of `start`, both from 1; columns count UTF-16 units, as editors do. */
  readonly line: number
  readonly column: number
  /** What could have stood there instead, in words for people; empty when that is not the trouble. */
  readonly expected: readonly string[]

  constructor(
    message: string,
    text: string,
    start: number,
    end = start,
    expected: readonly string[] = [],
  ) {
    super(message)
    this.start = start
    this.end = end
    const before = text.slice(0, start).split('\n')
    this.line = before.length
    this.column = before.at(-1)!.length + 1
    this.expected = expected
  }
}

/** For what Tempo's TraceQL has and this subset leaves out: people should not look for a typo. */
export function unsupported(what: string, text: string, start: number, end: number): QueryError {
  return new QueryError(`not in this collector's subset: ${what}`, text, start, end)
}
