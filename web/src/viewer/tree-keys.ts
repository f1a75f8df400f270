import type { TraceRow } from '@pingtrace/trace-tree'

/** What a key press on a row of the waterfall asks for. */
export type TreeAction =
  | { do: 'focus'; id: string }
  | { do: 'toggle'; id: string }
  | { do: 'open'; id: string }
  | { do: 'close' }
  | { do: 'zoom'; id: string }
  | { do: 'unzoom' }

/**
 * The keys of the treegrid pattern (WAI-ARIA Authoring Practices, "Treegrid", focus on rows),
 * and `z` to look closer at a span's time, `Z` at all of the trace's again.
 * @param at the place of the focused row in `rows`
 * @returns undefined for a key that means nothing here, which the browser may then have
 */
export function treeAction(
  rows: readonly TraceRow[],
  at: number,
  key: string,
): TreeAction | undefined {
  const row = rows[at]
  if (row === undefined) return undefined
  const { id, parent } = row.node
  const focus = (target: TraceRow | undefined): TreeAction => ({
    do: 'focus',
    id: (target ?? row).node.id,
  })
  switch (key) {
    case 'ArrowDown':
      return focus(rows[at + 1])
    case 'ArrowUp':
      return focus(rows[at - 1])
    case 'Home':
      return focus(rows[0])
    case 'End':
      return focus(rows.at(-1))
    case 'ArrowRight':
      if (row.expanded === undefined) return focus(row)
      return row.expanded ? focus(rows[at + 1]) : { do: 'toggle', id }
    case 'ArrowLeft':
      if (row.expanded) return { do: 'toggle', id }
      return { do: 'focus', id: parent?.id ?? id }
    case 'Enter':
    case ' ':
      return { do: 'open', id }
    case 'Escape':
      return { do: 'close' }
    case 'z':
      return { do: 'zoom', id }
    case 'Z':
      return { do: 'unzoom' }
    default:
      return undefined
  }
}
