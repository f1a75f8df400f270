import type { SpanStatistics } from '@pingtrace/trace-views'

export type StatisticsColumn =
  | 'name'
  | 'count'
  | 'errors'
  | 'total'
  | 'self'
  | 'p50'
  | 'p95'
  | 'max'

export interface Sort {
  column: StatisticsColumn
  descending: boolean
}

/** Names begin at A, numbers with the largest; the column that is sorted by is turned round. */
export function nextSort(sort: Sort, column: StatisticsColumn): Sort {
  const descending = sort.column === column ? !sort.descending : column !== 'name'
  return { column, descending }
}

/** Equal ones stay in the order that they have. */
export function sortStatistics(
  statistics: readonly SpanStatistics[],
  { column, descending }: Sort,
): SpanStatistics[] {
  const sign = descending ? -1 : 1
  return statistics.toSorted((a, b) => sign * compare(keyOf(a, column), keyOf(b, column)))
}

function keyOf(row: SpanStatistics, column: StatisticsColumn): string | number | bigint {
  return column === 'name' ? `${row.name ?? ''}\n${row.service}` : row[column]
}

function compare<T extends string | number | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}
