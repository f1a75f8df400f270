import type { TraceNode } from './trace-tree.ts'

/**
 * Which nodes are collapsed: a rule for all of them, and the nodes that are against it. A rule also
 * holds for what has not arrived yet, so a tree that is collapsed stays so while it grows.
 */
export interface Folds {
  rule: FoldRule
  /** Ids of the nodes that somebody turned by hand since the rule was made. */
  turned: ReadonlySet<string>
}

export type FoldRule =
  | { collapse: 'nothing' | 'everything' }
  /** Nodes at this depth and below: their children are not seen. */
  | { collapse: 'from'; depth: number }
  /** All but the ways that lead down to an error. */
  | { collapse: 'error-free' }

export const unfolded: Folds = { rule: { collapse: 'nothing' }, turned: new Set() }

export function foldAll(rule: FoldRule): Folds {
  return { rule, turned: new Set() }
}

/** Whether the children of a node are hidden; says nothing of a node that has none. */
export function isFolded({ rule, turned }: Folds, node: TraceNode): boolean {
  return collapses(rule, node) !== turned.has(node.id)
}

/** Collapses what is expanded, and the reverse. */
export function turn({ rule, turned }: Folds, id: string): Folds {
  const next = new Set(turned)
  if (!next.delete(id)) next.add(id)
  return { rule, turned: next }
}

/** Expands whatever hides a node. The same folds when nothing does. */
export function reveal(folds: Folds, node: TraceNode): Folds {
  let revealed = folds
  for (let above = node.parent; above !== undefined; above = above.parent) {
    if (isFolded(revealed, above)) revealed = turn(revealed, above.id)
  }
  return revealed
}

function collapses(rule: FoldRule, node: TraceNode): boolean {
  switch (rule.collapse) {
    case 'nothing':
      return false
    case 'everything':
      return true
    case 'from':
      return node.depth >= rule.depth
    case 'error-free':
      return node.errorsBelow === 0
  }
}
