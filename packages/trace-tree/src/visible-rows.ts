import type { TraceNode, TraceTree } from './trace-tree.ts'

/** One line of the drawn tree, with what assistive technology needs to be told of its place. */
export interface TraceRow {
  node: TraceNode
  /** Id of the node above it; undefined for a root. */
  parentId: string | undefined
  /** Place among its siblings, from 1, and how many they are. */
  position: number
  siblings: number
  /** Undefined where there is nothing to expand. */
  expanded: boolean | undefined
}

/** The rows of a tree from top to bottom, without what lies below a collapsed node. */
export function visibleRows(tree: TraceTree, collapsed: ReadonlySet<string>): TraceRow[] {
  const rows: TraceRow[] = []
  const stack: TraceRow[] = []
  // Last first, because the stack turns them round.
  const push = (nodes: TraceNode[], parentId: string | undefined): void => {
    for (let index = nodes.length - 1; index >= 0; index--) {
      const node = nodes[index]!
      const expanded = node.children.length === 0 ? undefined : !collapsed.has(node.id)
      stack.push({ node, parentId, position: index + 1, siblings: nodes.length, expanded })
    }
  }
  push(tree.roots, undefined)
  for (let row = stack.pop(); row !== undefined; row = stack.pop()) {
    rows.push(row)
    if (row.expanded) push(row.node.children, row.node.id)
  }
  return rows
}
