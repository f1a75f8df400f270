import type { TraceNode, TraceTree } from '@pingtrace/trace-tree'

/** The node with this id, or undefined: a link may name a span that has not arrived. */
export function findNode(tree: TraceTree, id: string): TraceNode | undefined {
  const open = [...tree.roots]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.id === id) return node
    for (const child of node.children) open.push(child)
  }
  return undefined
}
