import type { TraceSummary } from '@pingtrace/otlp'

/** Arrival first, as everywhere here: it is the only order that no sender's clock can spoil. */
export const sortKeys = ['arrival', 'start', 'duration', 'spans', 'errors'] as const
export type SortKey = (typeof sortKeys)[number]

export interface TraceSort {
  key: SortKey
  descending: boolean
}

export const newestFirst: TraceSort = { key: 'arrival', descending: true }

/** As it stands in the address: `duration`, or `-duration` for the longest first. */
export function printSort({ key, descending }: TraceSort): string {
  return descending ? `-${key}` : key
}

/** An address is anybody's: whatever is no sort is the usual one. */
export function parseSort(text: string | null): TraceSort {
  const [, minus, name] = /^(-?)(\w+)$/.exec(text ?? '') ?? []
  const key = sortKeys.find((each) => each === name)
  return key === undefined ? newestFirst : { key, descending: minus === '-' }
}

/** The sort after a press on a column's head: the most first, and the other way round after that. */
export function toggleSort(current: TraceSort, key: SortKey): TraceSort {
  return { key, descending: current.key === key ? !current.descending : true }
}

/**
 * A sorted copy. Traces that are equal in this keep their order.
 * @param traces by arrival, newest first
 */
export function sortTraces(
  traces: readonly TraceSummary[],
  { key, descending }: TraceSort,
): TraceSummary[] {
  // 64-bit numbers come as text: each is read once, not once a comparison.
  const keyed = traces.map((trace) => ({ trace, value: valueFor(trace, key) }))
  keyed.sort((a, b) => {
    if (a.value === b.value) return 0
    return a.value < b.value === descending ? 1 : -1
  })
  return keyed.map(({ trace }) => trace)
}

function valueFor(trace: TraceSummary, key: SortKey): number | bigint {
  switch (key) {
    case 'arrival':
      return trace.arrivedAt
    case 'start':
      return BigInt(trace.startTimeUnixNano)
    case 'duration':
      return BigInt(trace.durationNano)
    case 'spans':
      return trace.spanCount
    case 'errors':
      return trace.errorCount
  }
}
