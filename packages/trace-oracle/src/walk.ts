/** A tree from the top down, each node with its depth. It does not recurse: a trace may be a long chain. */
export function walk<Node>(
  roots: readonly Node[],
  below: (node: Node) => readonly Node[],
): { node: Node; depth: number }[] {
  const rows: { node: Node; depth: number }[] = []
  const stack = roots.map((node) => ({ node, depth: 0 })).reverse()
  for (let row = stack.pop(); row !== undefined; row = stack.pop()) {
    rows.push(row)
    const depth = row.depth + 1
    stack.push(
      ...below(row.node)
        .map((node) => ({ node, depth }))
        .reverse(),
    )
  }
  return rows
}
