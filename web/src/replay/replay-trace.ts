import type { Arrival, Span } from '@pingtrace/otlp'
import { buildTraceTree, type TraceTree } from '@pingtrace/trace-tree'

/**
 * A trace as it was after so many of the requests that brought its spans. Its axis is the whole
 * trace's, so that a bar stays where it first appears. Spans that no known request brought came later.
 * @param steps from 0, when nothing had arrived, to the number of arrivals, when all that is known had
 */
export function replayTrace(
  tree: TraceTree,
  arrivals: readonly Arrival[],
  steps: number,
): TraceTree {
  if (steps >= arrivals.length) return tree
  const come = new Map<string, number>()
  for (const { spanIds } of arrivals.slice(0, steps)) {
    for (const id of spanIds) come.set(id, (come.get(id) ?? 0) + 1)
  }
  const spans: Span[] = []
  for (const { span, spanId } of tree.nodes.values()) {
    if (span === undefined) continue
    // Of several spans with one id, nobody can tell which came first: as many as had come.
    const left = come.get(spanId) ?? 0
    if (left === 0) continue
    come.set(spanId, left - 1)
    spans.push(span)
  }
  return { ...buildTraceTree(spans), start: tree.start, end: tree.end }
}

/** How long a replay waits before a step, in milliseconds: as the spans did, within what one can see. */
export function pauseBefore(
  arrivals: readonly Arrival[],
  step: number,
  reducedMotion: boolean,
): number {
  if (reducedMotion) return slowest
  const [before, next] = [arrivals[step - 1], arrivals[step]]
  if (before === undefined || next === undefined) return quickest
  return Math.min(slowest, Math.max(quickest, next.at - before.at))
}

const quickest = 200
const slowest = 1_000
