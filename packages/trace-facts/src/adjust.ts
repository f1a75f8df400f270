import type { Span } from '@pingtrace/otlp'
import { buildTraceTree, type TraceTree } from '@pingtrace/trace-tree'
import type { TraceClocks } from './clocks.ts'
import { spanNodes } from './edges.ts'
import { processOf } from './span-facts.ts'

/**
 * The same trace as if all clocks had shown what the reference shows: the spans of each skewed clock
 * are moved by its offset, as a whole. Durations and whatever else they say stay as they are.
 */
export function adjustTree(tree: TraceTree, { skewed }: TraceClocks): TraceTree {
  if (skewed.length === 0) return tree
  const offsets = new Map(skewed.map(({ process, offset }) => [process, offset]))
  return buildTraceTree(
    spanNodes(tree).map(({ span }) => moved(span, offsets.get(processOf(span)))),
  )
}

function moved(span: Span, offset: bigint | undefined): Span {
  if (offset === undefined) return span
  // 0 says that the time was left out.
  const move = (time: bigint) => (time === 0n ? 0n : time - offset)
  const events = span.events.map((event) => ({ ...event, time: move(event.time) }))
  return { ...span, start: move(span.start), end: move(span.end), events }
}
