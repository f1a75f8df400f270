import type { Span } from '@pingtrace/otlp'
import type { TraceNode, TraceTree } from '@pingtrace/trace-tree'
import { processOf } from './span-facts.ts'

export type SpanNode = TraceNode & { span: Span }

/** A parent and its child, both of which are there, and dated. */
export interface Edge {
  parent: Span
  child: Span
  /** How many children the parent has, this one included. */
  children: number
}

/** All nodes that have a span, from the top down. */
export function spanNodes(tree: TraceTree): SpanNode[] {
  const nodes: SpanNode[] = []
  const stack = tree.roots.toReversed()
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.span !== undefined) nodes.push(node as SpanNode)
    for (const child of node.children.toReversed()) stack.push(child)
  }
  return nodes
}

/** Every edge between nodes whose both ends are there, and are dated. */
export function edgesOf(nodes: readonly SpanNode[]): Edge[] {
  return nodes.flatMap(({ span: parent, children }) =>
    children.flatMap(({ span: child }) =>
      child !== undefined && isDated(parent) && isDated(child)
        ? [{ parent, child, children: children.length }]
        : [],
    ),
  )
}

/** Whether parent and child were timed by the same clock: the child's parent was not remote. */
export function isLocal({ parent, child }: Edge): boolean {
  return !isRemoteEntry(child) && processOf(parent) === processOf(child)
}

/**
 * Whether a span's parent is in another process: by the flags where the SDK sets them (bits 8 and 9
 * of Span.flags, trace.proto), otherwise by its kind.
 */
export function isRemoteEntry(span: Span): boolean {
  if ((span.flags & 0x100) !== 0) return (span.flags & 0x200) !== 0
  return span.kind === 'server' || span.kind === 'consumer'
}

export function isDated({ start, end }: Span): boolean {
  return start !== 0n && end >= start
}
