import type { Span } from '@pingtrace/otlp'
import type { TraceTree } from '@pingtrace/trace-tree'

/** The span that names a trace: its root, or the earliest that is there while that has not come. */
export function titleSpan(tree: TraceTree): Span | undefined {
  const root = tree.roots.find((node) => node.span && !node.cyclic)
  const first = tree.roots[0]
  return root?.span ?? first?.span ?? first?.children[0]?.span
}
