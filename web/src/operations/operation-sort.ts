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
  return [...operations].sort((a, b) => {
    const [left, right] = [valueFor(a, key), valueFor(b, key)]
    if (left === right) return titleOf(a) < titleOf(b) ? -1 : 1
    return left < right === descending ? 1 : -1
  })
}

function valueFor(operation: OperationStats, key: OperationSortKey): number | string {
  switch (key) {
    case 'name':
      return titleOf(operation)
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

/** Unique in an answer. */
export function titleOf({ name, service, kind }: OperationStats): string {
  return `${name} ${service} ${kind}`
}
