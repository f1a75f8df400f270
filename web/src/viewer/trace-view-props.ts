import type { TraceTree } from '@pingtrace/trace-tree'
import type { Viewer } from './viewer.ts'

/** What each view of a trace is given. */
export interface TraceViewProps {
  traceId: string
  tree: TraceTree
  viewer: Viewer
  /** Shows a span, by its node's id, in the waterfall. */
  onShowSpan(id: string): void
}
