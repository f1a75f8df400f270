import { type FoldRule, type Folds, isFolded } from './folds.ts'
import type { TraceNode, TraceTree } from './trace-tree.ts'

/** One line of the drawn tree, with what assistive technology needs to be told of its place. */
export interface TraceRow {
  node: TraceNode
  /** Place among its siblings, from 1, and how many they are. */
  position: number
  siblings: number
  /** Undefined where there is nothing to expand. */
  expanded: boolean | undefined
}

/** The rows of a tree from top to bottom, without what lies below a collapsed node. */
export function visibleRows(tree: TraceTree, folds: Folds): TraceRow[] {
  const rows: TraceRow[] = []
  const stack: TraceRow[] = []
  // Last first, because the stack turns them round.
  const push = (nodes: TraceNode[]): void => {
    for (let index = nodes.length - 1; index >= 0; index--) {
      const node = nodes[index]!
      const expanded = node.children.length === 0 ? undefined : !isFolded(folds, node)
      stack.push({ node, position: index + 1, siblings: nodes.length, expanded })
    }
  }
  push(tree.roots)
  for (let row = stack.pop(); row !== undefined; row = stack.pop()) {
    rows.push(row)
    if (row.expanded) push(row.node.children)
  }
  return rows
}

/** Collapses the deepest level that is seen; nothing changes where all are collapsed. */
export function oneLevelLess(rows: readonly TraceRow[]): FoldRule | undefined {
  let deepest = -1
  for (const { node, expanded } of rows) if (expanded) deepest = Math.max(deepest, node.depth)
  return deepest < 0 ? undefined : { collapse: 'from', depth: deepest }
}

/** Expands the highest level that is collapsed anywhere; nothing changes where none is. */
export function oneLevelMore(rows: readonly TraceRow[]): FoldRule | undefined {
  let highest = Number.POSITIVE_INFINITY
  for (const { node, expanded } of rows) {
    if (expanded === false) highest = Math.min(highest, node.depth)
  }
  return highest === Number.POSITIVE_INFINITY ? undefined : { collapse: 'from', depth: highest + 1 }
}
