import { parseQuery, QueryError } from '@pingtrace/traceql'

export interface Problem {
  /** The query is wrong: asking again would be answered alike. */
  isQuery: boolean
  message: string
  /** Where in the query: UTF-16 units from its start, the end not included; columns count from 1. */
  place: Place | undefined
}

export interface Place {
  start: number
  end: number
  column: number | undefined
}

/**
 * What is wrong with a query, as far as the page can tell by itself. The collector alone reads the
 * regular expressions: theirs are not JavaScript's.
 */
export function findProblem(query: string): Problem | undefined {
  try {
    parseQuery(query)
    return undefined
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    const { message, start, end, column } = error
    return { isQuery: true, message, place: { start, end, column } }
  }
}

/** The query cut at the place, to be shown with the middle marked. */
export function cutAt(query: string, { start, end }: Place): [string, string, string] {
  return [query.slice(0, start), query.slice(start, end), query.slice(end)]
}
