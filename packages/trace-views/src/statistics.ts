import type { TraceNode, TraceTree } from '@pingtrace/trace-tree'
import { durationOf, selfTimeOf } from './self-time.ts'
import { walk } from './walk.ts'

/** What the spans of one service, or of one operation of it, come to. Times are nanoseconds. */
export interface SpanStatistics {
  service: string
  /** The spans' name; undefined for all of a service. */
  name: string | undefined
  count: number
  errors: number
  /** Durations added up: spans that ran at once, or in each other, each count in full. */
  total: bigint
  /** The parts of them in which no child was under way, added up. */
  self: bigint
  p50: bigint
  p95: bigint
  max: bigint
  /** The one that took longest; of equals the one drawn first. */
  slowest: TraceNode
}

interface Group {
  service: string
  name: string | undefined
  errors: number
  self: bigint
  durations: bigint[]
  slowest: TraceNode
}

/** Sums the spans up by service, or by service and name; most self time in front. */
export function spanStatistics(tree: TraceTree, by: 'service' | 'operation'): SpanStatistics[] {
  const groups = new Map<string, Group>()
  for (const node of walk(tree)) {
    if (node.span === undefined) continue
    const { service } = node.span
    const name = by === 'operation' ? node.span.name : undefined
    const key = JSON.stringify([service, name])
    let group = groups.get(key)
    if (group === undefined) {
      group = { service, name, errors: 0, self: 0n, durations: [], slowest: node }
      groups.set(key, group)
    }
    group.durations.push(durationOf(node))
    group.self += selfTimeOf(node)
    if (node.span.status.code === 'error') group.errors++
    if (durationOf(node) > durationOf(group.slowest)) group.slowest = node
  }
  return [...groups.values()].map(sumUp).sort((a, b) => compare(b.self, a.self))
}

/** Field by field: a trace may have as many groups as spans, and a spread takes ten times as long. */
function sumUp({ service, name, errors, self, durations, slowest }: Group): SpanStatistics {
  durations.sort(compare)
  return {
    service,
    name,
    count: durations.length,
    errors,
    total: durations.reduce((sum, duration) => sum + duration, 0n),
    self,
    p50: percentile(durations, 50),
    p95: percentile(durations, 95),
    max: durations.at(-1)!,
    slowest,
  }
}

/**
 * The nearest rank: the smallest of the values that at least so many percent of them do not exceed.
 * @param sorted at least one value, ascending
 */
export function percentile(sorted: readonly bigint[], percent: number): bigint {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)]!
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}
