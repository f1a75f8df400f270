import { type TraceTree, visibleRows } from '@pingtrace/trace-tree'
import { type KeyboardEvent, type MouseEvent, type Ref, useMemo, useState } from 'react'
import { makeAxis } from './axis.ts'
import { count, formatTick } from './format.ts'
import { treeAction } from './tree-keys.ts'
import { WaterfallRow } from './WaterfallRow.tsx'
import './Waterfall.css'

/** Rows drawn at once: more are a button away, so that a giant trace cannot freeze the page. */
const pageSize = 1_000

/** Percent of the axis; a label further to the right would be cut off. */
const lastLabel = 85

interface WaterfallProps {
  tree: TraceTree
  /** The node whose detail is open. */
  selected: string | undefined
  onOpen(id: string, byKey: boolean): void
  onClose(): void
  ref: Ref<HTMLDivElement>
}

/**
 * The trace as a tree of rows, each with its bar on a common time axis.
 *
 * One row is in the tab order; arrows move among them. All events are handled here, by the id that
 * each row carries, so that rows need no handlers of their own.
 */
export function Waterfall({ tree, selected, onOpen, onClose, ref }: WaterfallProps) {
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set())
  const [focused, setFocused] = useState<string>()
  const [limit, setLimit] = useState(pageSize)

  const axis = useMemo(() => makeAxis(tree.start, tree.end), [tree])
  const all = useMemo(() => visibleRows(tree, collapsed), [tree, collapsed])
  const rows = all.slice(0, limit)
  const inTabOrder =
    [focused, selected].find((id) => rows.some((row) => row.node.id === id)) ?? rows[0]?.node.id

  const toggle = (id: string): void => {
    const next = new Set(collapsed)
    if (!next.delete(id)) next.add(id)
    setCollapsed(next)
    setFocused(id)
  }

  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    // With a modifier it is the browser's key.
    if (event.metaKey || event.ctrlKey || event.altKey) return
    const id = rowId(event.target)
    const action = id === undefined ? undefined : treeAction(rows, id, event.key)
    if (action === undefined) return
    event.preventDefault()
    if (action.do === 'focus') focusRow(event.currentTarget, action.id)
    if (action.do === 'toggle') toggle(action.id)
    if (action.do === 'open') onOpen(action.id, true)
    if (action.do === 'close') onClose()
  }

  const onClick = (event: MouseEvent<HTMLElement>): void => {
    const id = rowId(event.target)
    if (id === undefined) return
    if ((event.target as Element).closest('.row-toggle')) toggle(id)
    else onOpen(id, false)
  }

  return (
    <>
      <div className="waterfall" style={{ '--tick': `${axis.ticks[1]?.percent ?? 100}%` }}>
        <div className="waterfall-head" aria-hidden="true">
          <span>Span</span>
          <span>Duration</span>
          <span className="ticks">
            {axis.ticks.map(({ offset, percent }) => (
              <span key={percent} style={{ insetInlineStart: `${percent}%` }}>
                {percent <= lastLabel && formatTick(offset)}
              </span>
            ))}
          </span>
        </div>
        <div
          ref={ref}
          role="tree"
          aria-label="Spans of the trace"
          onKeyDown={onKeyDown}
          onClick={onClick}
          onFocus={(event) => setFocused(rowId(event.target))}
        >
          {rows.map((row) => (
            <WaterfallRow
              key={row.node.id}
              row={row}
              axis={axis}
              selected={row.node.id === selected}
              inTabOrder={row.node.id === inTabOrder}
            />
          ))}
        </div>
      </div>
      {all.length > limit && (
        <button type="button" className="show-more" onClick={() => setLimit(limit + pageSize)}>
          Show more: {count(all.length - limit, 'row')} not drawn yet
        </button>
      )}
    </>
  )
}

function rowId(target: EventTarget): string | undefined {
  return (target as Element).closest<HTMLElement>('[data-span-id]')?.dataset.spanId
}

function focusRow(grid: HTMLElement, id: string): void {
  grid.querySelector<HTMLElement>(`[data-span-id="${CSS.escape(id)}"]`)?.focus()
}
