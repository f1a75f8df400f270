import type { ComparedSpan } from '@pingtrace/trace-views'

/** Whether anything is to be said of it. */
export function isChanged({ change, failure }: ComparedSpan): boolean {
  return change !== 'same' || failure !== undefined
}

/**
 * A comparison from top to bottom; of what did not change, only what leads to something that did.
 * Deep trees are input like any other: nothing recurses.
 */
export function comparisonRows(roots: readonly ComparedSpan[], onlyChanged: boolean) {
  const rows: ComparedSpan[] = []
  const stack = roots.toReversed()
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    rows.push(next)
    for (let i = next.children.length - 1; i >= 0; i--) stack.push(next.children[i]!)
  }
  if (!onlyChanged) return rows
  const leads = new Set<ComparedSpan>()
  // From below, children come before their parents.
  for (const row of rows.toReversed()) {
    if (isChanged(row) || row.children.some((child) => leads.has(child))) leads.add(row)
  }
  return rows.filter((row) => leads.has(row))
}
