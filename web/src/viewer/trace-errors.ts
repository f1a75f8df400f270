import type { TraceNode, TraceTree } from '@pingtrace/trace-tree'

/** The failed spans of a trace. */
export interface TraceErrors {
  /** From the top down, as the waterfall has them. */
  nodes: TraceNode[]
  /** Where it began: what failed first by the times shown. Callers fail after what they called. */
  first: TraceNode | undefined
}

export function errorsOf(tree: TraceTree): TraceErrors {
  const nodes: TraceNode[] = []
  if (tree.errorCount > 0) {
    const stack = tree.roots.toReversed()
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (node.span?.status.code === 'error') nodes.push(node)
      // Whole branches without an error need not be looked at.
      if (node.errorsBelow > 0) for (const child of node.children.toReversed()) stack.push(child)
    }
  }
  const first = nodes.reduce<TraceNode | undefined>(
    (best, node) => (best === undefined || failedAt(node) < failedAt(best) ? node : best),
    undefined,
  )
  return { nodes, first }
}

function failedAt({ span }: TraceNode): bigint {
  return span!.events.findLast(({ name }) => name === 'exception')?.time ?? span!.end
}

/**
 * The next failed span after a node, or the one before it; round the end to the other one.
 * @param from a node that need not be failed; undefined: from the top
 */
export function stepToError(
  tree: TraceTree,
  { nodes }: TraceErrors,
  from: string | undefined,
  step: 1 | -1,
): TraceNode | undefined {
  const at = nodes.findIndex(({ id }) => id === from)
  if (at !== -1) return nodes.at((at + step) % nodes.length)
  if (from === undefined || !tree.nodes.has(from)) return step === 1 ? nodes[0] : nodes.at(-1)
  const before = countAbove(tree, nodes, from)
  return step === 1 ? (nodes[before] ?? nodes[0]) : nodes.at(before - 1)
}

/** How many of the nodes stand above this one in the waterfall. */
function countAbove(tree: TraceTree, nodes: readonly TraceNode[], id: string): number {
  const failed = new Set(nodes)
  let above = 0
  const stack = tree.roots.toReversed()
  for (let node = stack.pop(); node !== undefined && node.id !== id; node = stack.pop()) {
    if (failed.has(node)) above++
    for (const child of node.children.toReversed()) stack.push(child)
  }
  return above
}
