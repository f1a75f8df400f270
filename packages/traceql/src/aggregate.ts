import type { AggregateFilter } from './ast.ts'
import { comparison, isNumber } from './compare.ts'
import type { QuerySpan } from './query-span.ts'

type Numeric = number | bigint

/**
 * Whether a set of spans fits. Spans without the field, or with something else than a number in it,
 * are left out; where none is left, and for an empty set, nothing fits.
 */
export function aggregate(filter: AggregateFilter, spans: readonly QuerySpan[]): boolean {
  const result = resultOf(filter, spans)
  if (result === undefined) return false
  return comparison(filter.operator)(result, filter.value.value)
}

function resultOf({ function: name, field }: AggregateFilter, spans: readonly QuerySpan[]) {
  if (field === undefined) return spans.length === 0 ? undefined : spans.length
  const values = spans.flatMap((span) => (span.values(field) ?? []).filter(isNumber))
  if (values.length === 0) return undefined
  switch (name) {
    case 'min':
      return best(values, (value, least) => value < least)
    case 'max':
      return best(values, (value, most) => value > most)
    case 'sum':
      return sumOf(values)
    default:
      return Number(sumOf(values)) / values.length
  }
}

/** Not Math.min and Math.max, which take no bigint. */
function best(values: readonly Numeric[], isBetter: (value: Numeric, than: Numeric) => boolean) {
  return values.reduce((found, value) => (isBetter(value, found) ? value : found))
}

/** Exact as long as all values are whole: 64-bit integers and nanoseconds are bigints. */
function sumOf(values: readonly Numeric[]): Numeric {
  let whole = 0n
  let fraction = 0
  for (const value of values) {
    if (typeof value === 'bigint') whole += value
    else if (Number.isSafeInteger(value)) whole += BigInt(value)
    else fraction += value
  }
  return fraction === 0 ? whole : Number(whole) + fraction
}
