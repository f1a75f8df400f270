import type { TraceRow } from '@pingtrace/trace-tree'

/** What a key press on a row of the waterfall asks for. */
export type TreeAction =
  | { do: 'focus'; id: string }
  | { do: 'toggle'; id: string }
  | { do: 'open'; id: string }
  | { do: 'close' }

/**
 * The keys of the treegrid pattern (WAI-ARIA Authoring Practices, "Treegrid", focus on rows).
 * @returns undefined for a key that means nothing here, which the browser may then have
 */
export function treeAction(rows: TraceRow[], focused: string, key: string): TreeAction | undefined {
  const index = rows.findIndex((row) => row.node.id === focused)
  const row = rows[index]
  if (row === undefined) return undefined
  const focus = (target: TraceRow | undefined): TreeAction => ({
    do: 'focus',
    id: (target ?? row).node.id,
  })
  switch (key) {
    case 'ArrowDown':
      return focus(rows[index + 1])
    case 'ArrowUp':
      return focus(rows[index - 1])
    case 'Home':
      return focus(rows[0])
    case 'End':
      return focus(rows.at(-1))
    case 'ArrowRight':
      if (row.expanded === undefined) return focus(row)
      return row.expanded ? focus(rows[index + 1]) : { do: 'toggle', id: focused }
    case 'ArrowLeft':
      if (row.expanded) return { do: 'toggle', id: focused }
      return { do: 'focus', id: row.parentId ?? focused }
    case 'Enter':
    case ' ':
      return { do: 'open', id: focused }
    case 'Escape':
      return { do: 'close' }
    default:
      return undefined
  }
}
