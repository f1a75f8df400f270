/**
 * Makes a parent relation free of cycles, by cutting each cycle once.
 *
 * Of the members of a cycle the first in `nodes` loses its parent, so the same nodes in the same
 * order are always cut in the same place. A node that is its own parent is a cycle of one.
 *
 * @param parents each node's parent; the cut entries are deleted from it
 * @returns the nodes that were cut off
 */
export function breakCycles<T>(nodes: readonly T[], parents: Map<T, T>): Set<T> {
  const rank = new Map(nodes.map((node, index) => [node, index]))
  const walkOf = new Map<T, T>()
  const cut = new Set<T>()
  for (const start of nodes) {
    // Walk up until a node seen before. If this very walk saw it, a cycle has been closed.
    let node: T | undefined = start
    while (node !== undefined && !walkOf.has(node)) {
      walkOf.set(node, start)
      node = parents.get(node)
    }
    if (node === undefined || walkOf.get(node) !== start) continue
    const first = firstOfCycle(node, parents, rank)
    parents.delete(first)
    cut.add(first)
  }
  return cut
}

function firstOfCycle<T>(entry: T, parents: Map<T, T>, rank: Map<T, number>): T {
  let first = entry
  for (let node = parents.get(entry)!; node !== entry; node = parents.get(node)!) {
    if (rank.get(node)! < rank.get(first)!) first = node
  }
  return first
}
