import type { TraceNode } from '@pingtrace/trace-tree'
import { differences, fitsName, type SpanTree } from './span-pattern.ts'

/** How a trace differs from what was expected of it. */
export interface Mismatch {
  /** With the label of the parent under which each is missing; undefined at the top. */
  missing: { expected: SpanTree; under: TraceNode | undefined }[]
  unexpected: { node: TraceNode; under: TraceNode | undefined }[]
  different: { node: TraceNode; expected: SpanTree; how: string[] }[]
}

/**
 * Compares what is below a span (or at the top) with what should be, in any order.
 *
 * First each expected tree gets a subtree that is exactly like it, as many as possible
 * (augmenting paths). What is left is paired by name, the closest first, so that a report says "this one is
 * different", and only of the rest that it is missing or unexpected.
 */
export function matchTrees(
  expected: readonly SpanTree[],
  nodes: readonly TraceNode[],
  under?: TraceNode,
  mayHaveOthers = false,
): Mismatch {
  const pairs = expected.map((tree) => nodes.map((node) => compare(tree, node)))
  const taken = exactPairs(pairs)
  const result: Mismatch = { missing: [], unexpected: [], different: [] }
  const partners = closestPairs(pairs, taken)
  for (const [row, tree] of expected.entries()) {
    const column = partners.get(row)
    if (column === undefined) result.missing.push({ expected: tree, under })
    else add(result, pairs[row]![column]!)
  }
  if (mayHaveOthers) return result
  const found = new Set(partners.values())
  for (const [column, node] of nodes.entries()) {
    if (!found.has(column)) result.unexpected.push({ node, under })
  }
  return result
}

export function countOf({ missing, unexpected, different }: Mismatch): number {
  return missing.length + unexpected.length + different.length
}

/** Undefined for two that have nothing to do with each other. */
function compare(tree: SpanTree, node: TraceNode): Mismatch | undefined {
  if (node.span === undefined || !fitsName(node.span, tree)) return undefined
  const how = differences(node.span, { ...tree, error: tree.error ?? false })
  const below = matchTrees(tree.children ?? [], node.children, node, tree.otherChildren)
  if (how.length > 0) below.different.unshift({ node, expected: tree, how })
  return below
}

/** By row the column of a subtree that is exactly as expected; Kuhn's algorithm. */
function exactPairs(pairs: readonly (Mismatch | undefined)[][]): Map<number, number> {
  const rowOf = new Map<number, number>()
  const fitting = pairs.map((row) =>
    [...row.keys()].filter((column) => row[column] && countOf(row[column]) === 0),
  )
  const seat = (row: number, tried: Set<number>): boolean => {
    const columns = fitting[row]!.filter((column) => !tried.has(column))
    // A free seat first: among equals there is one, and nobody has to move.
    const free = columns.find((column) => !rowOf.has(column))
    if (free !== undefined) {
      rowOf.set(free, row)
      return true
    }
    for (const column of columns) {
      if (tried.has(column)) continue
      tried.add(column)
      if (seat(rowOf.get(column)!, tried)) {
        rowOf.set(column, row)
        return true
      }
    }
    return false
  }
  for (const row of pairs.keys()) seat(row, new Set())
  return new Map([...rowOf].map(([column, row]) => [row, column]))
}

function closestPairs(
  pairs: readonly (Mismatch | undefined)[][],
  exact: ReadonlyMap<number, number>,
): Map<number, number> {
  const partners = new Map(exact)
  const columns = new Set(exact.values())
  const left = pairs
    .flatMap((row, at) => row.map((mismatch, column) => ({ at, column, mismatch })))
    .flatMap(({ mismatch, ...place }) => (mismatch ? [{ ...place, cost: countOf(mismatch) }] : []))
    .sort((a, b) => a.cost - b.cost)
  for (const { at, column } of left) {
    if (partners.has(at) || columns.has(column)) continue
    partners.set(at, column)
    columns.add(column)
  }
  return partners
}

function add(to: Mismatch, { missing, unexpected, different }: Mismatch): void {
  to.missing.push(...missing)
  to.unexpected.push(...unexpected)
  to.different.push(...different)
}
