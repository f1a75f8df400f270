import type { DurationStats, OperationStats } from '@pingtrace/otlp'

export const operationSortKeys = ['name', 'count', 'errors', 'p50', 'p95', 'p99'] as const
export type OperationSortKey = (typeof operationSortKeys)[number]

export interface OperationSort {
  key: OperationSortKey
  descending: boolean
}

/** What is slow today. */
export const slowestFirst: OperationSort = { key: 'p95', descending: true }

/** As it stands in the address: `count`, or `-count` for the most first. */
export function printOperationSort({ key, descending }: OperationSort): string {
  return descending ? `-${key}` : key
}

/** An address is anybody's: whatever is no sort is the usual one. */
export function parseOperationSort(text: string | null): OperationSort {
  const [, minus, name] = /^(-?)(\w+)$/.exec(text ?? '') ?? []
  const key = operationSortKeys.find((each) => each === name)
  return key === undefined ? slowestFirst : { key, descending: minus === '-' }
}

/** The sort after a press on a column's head: names from A, numbers from the top, and then back. */
export function toggleOperationSort(current: OperationSort, key: OperationSortKey): OperationSort {
  return { key, descending: current.key === key ? !current.descending : key !== 'name' }
}

/** Failed spans of a hundred. */
export function errorPercent({ count, errorCount }: DurationStats): number {
  return count === 0 ? 0 : (errorCount / count) * 100
}

/** A sorted copy; those that are equal in this are in alphabetical order, so that none moves. */
export function sortOperations(
  operations: readonly OperationStats[],
  { key, descending }: OperationSort,
): OperationStats[] {
  const sign = descending ? -1 : 1
  return [...operations].sort((a, b) => {
    const difference = key === 'name' ? byTitle(a, b) : valueFor(a, key) - valueFor(b, key)
    return difference * sign || byTitle(a, b)
  })
}

function valueFor(operation: OperationStats, key: Exclude<OperationSortKey, 'name'>): number {
  switch (key) {
    case 'count':
      return operation.count
    case 'errors':
      return errorPercent(operation)
    case 'p50':
      return operation.p50Nano
    case 'p95':
      return operation.p95Nano
    case 'p99':
      return operation.p99Nano
  }
}

/** As people read it: whatever the case, and numbers by their size. */
const collator = new Intl.Collator(undefined, { numeric: true })

function byTitle(a: OperationStats, b: OperationStats): number {
  const [left, right] = [titleOf(a), titleOf(b)]
  if (left === right) return 0
  return collator.compare(left, right) || (left < right ? -1 : 1)
}

/** Unique in an answer. */
export function titleOf({ name, service, kind }: OperationStats): string {
  return `${name} ${service} ${kind}`
}
