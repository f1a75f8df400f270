import type { TraceNode, TraceTree } from '@pingtrace/trace-tree'

/** Every node of a tree, parents before their children, in the order in which they are drawn. */
export function* walk({ roots }: Pick<TraceTree, 'roots'>): Generator<TraceNode> {
  const stack = roots.toReversed()
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    yield node
    for (let i = node.children.length - 1; i >= 0; i--) stack.push(node.children[i]!)
  }
}
