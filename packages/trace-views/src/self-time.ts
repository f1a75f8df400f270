import type { TraceNode } from '@pingtrace/trace-tree'

/** Nanoseconds; 0 where the times were left out, or are the wrong way round, or nothing arrived. */
export function durationOf({ span }: TraceNode): bigint {
  if (span === undefined || span.start === 0n || span.end < span.start) return 0n
  return span.end - span.start
}

/**
 * The part of a span's duration, in nanoseconds, in which none of its children was under way.
 * Children that ran at once are counted once, and what lies outside the span not at all.
 */
export function selfTimeOf(node: TraceNode): bigint {
  const duration = durationOf(node)
  if (duration === 0n) return 0n
  const { start, end } = node.span!
  let covered = 0n
  // Everything before this is counted; children are sorted by their start.
  let counted = start
  for (const child of node.children) {
    if (durationOf(child) === 0n) continue
    const from = later(child.span!.start, counted)
    const to = earlier(child.span!.end, end)
    if (to <= from) continue
    covered += to - from
    counted = to
  }
  return duration - covered
}

function later(a: bigint, b: bigint): bigint {
  return a < b ? b : a
}

function earlier(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
