import type { AttributeValue } from '@pingtrace/otlp'
import { printComparison } from '@pingtrace/traceql/print'

/** Longer queries are refused by the collector; and nobody means so long a value. */
const longestValue = 1_000

/**
 * The query for the traces that have this value; undefined for what TraceQL cannot compare: lists,
 * maps, nothing, and numbers that are none.
 */
export function findQuery(
  scope: 'span' | 'resource' | 'event' | 'link',
  name: string,
  value: AttributeValue,
): string | undefined {
  if (typeof value === 'object' || name === '' || name.length > longestValue) return undefined
  if (typeof value === 'string' && value.length > longestValue) return undefined
  if (typeof value === 'number' && !Number.isFinite(value)) return undefined
  return `{ ${printComparison(scope, name, value)} }`
}
