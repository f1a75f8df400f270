import { parseQuery, QueryError } from '@pingtrace/traceql'

/** A condition that a field has a value, as it is written in a query. */
export function equals(field: string, value: string | number): string {
  // TraceQL's escapes are Go's, and JSON's are among them.
  return `${field} = ${JSON.stringify(value)}`
}

/** The query whose spans fit a condition as well. */
export function narrowSpans(query: string, condition: string): string {
  if (query === '') return `{ ${condition} }`
  if (!isOneFilter(query)) return `${query} | { ${condition} }`
  const inner = query.slice(1, -1).trim()
  if (inner === '') return `{ ${condition} }`
  return inner.includes('||') ? `{ (${inner}) && ${condition} }` : `{ ${inner} && ${condition} }`
}

/**
 * The query whose traces match this one as well. A query with a `|` cannot be part of another one: it
 * is left out then, and the answer is wider than it might be.
 */
export function narrowTraces(query: string, spansets: string): string {
  const stages = stagesOf(query)
  return stages?.length === 1 ? `(${query}) && (${spansets})` : spansets
}

function isOneFilter(query: string): boolean {
  const stages = stagesOf(query)
  const isFilter = stages?.length === 1 && stages[0]!.kind === 'filter'
  return isFilter && query.startsWith('{') && query.endsWith('}')
}

/** Undefined for what is no query. */
function stagesOf(query: string) {
  try {
    return parseQuery(query).stages
  } catch (error) {
    if (error instanceof QueryError) return undefined
    throw error
  }
}
