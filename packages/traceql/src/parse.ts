import type { Query } from './ast.ts'
import { checkQuery } from './check.ts'
import { Parser } from './parser.ts'
import { maxQueryLength, QueryError } from './query-error.ts'

/**
 * Reads a query. Its regular expressions are not looked at until it is compiled.
 * @throws QueryError, and nothing else, whatever the text
 */
export function parseQuery(text: string): Query {
  if (text.length > maxQueryLength) {
    const message = `a query has at most ${maxQueryLength} characters`
    throw new QueryError(message, text, maxQueryLength, text.length)
  }
  const query = new Parser(text).query()
  checkQuery(query, text)
  return query
}
