import type { TraceNode } from '@pingtrace/trace-tree'
import { formatDuration } from './format.ts'

/** How long a span took, as far as its sender told; nothing for a placeholder. */
export function durationText({ span, oddTimes }: TraceNode): string {
  if (span === undefined) return ''
  return oddTimes === 'missing' ? 'not known' : formatDuration(span.end - span.start)
}
