import type { TraceNode } from '@pingtrace/trace-tree'
import { selfTimeOf } from '@pingtrace/trace-views'
import { formatDuration } from './format.ts'

/** How long a span took, as far as its sender told; nothing for a placeholder. */
export function durationText({ span, oddTimes }: TraceNode): string {
  if (span === undefined) return ''
  return oddTimes === 'missing' ? 'not known' : formatDuration(span.end - span.start)
}

/** How long none of its children was under way; nothing where that is not known. */
export function selfTimeText(node: TraceNode): string {
  const { span, oddTimes } = node
  if (span === undefined || oddTimes === 'missing' || oddTimes === 'reversed') return ''
  return formatDuration(selfTimeOf(node))
}
