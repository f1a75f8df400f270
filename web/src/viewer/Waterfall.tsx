import type { Finding } from '@pingtrace/doctor'
import { criticalPath, type TraceTree, visibleRows } from '@pingtrace/trace-tree'
import {
  type KeyboardEvent,
  type MouseEvent,
  type Ref,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { flushSync } from 'react-dom'
import { useStore } from 'zustand'
import { makeAxis } from './axis.ts'
import { FoldTools } from './FoldTools.tsx'
import { count, formatTick } from './format.ts'
import { Minimap } from './Minimap.tsx'
import { TimeTools } from './TimeTools.tsx'
import { treeAction } from './tree-keys.ts'
import { usePrinting } from './use-printing.ts'
import { useRowWindow } from './use-row-window.ts'
import { WaterfallRow } from './WaterfallRow.tsx'
import { createWaterfallView, isCriticalMarked } from './waterfall-view.ts'
import './Waterfall.css'

/** Percent of the axis; a label further to the right would be cut off. */
const lastLabel = 85

/** Rows on paper: some ten pages, and more would keep the browser busy for long. */
const mostPrinted = 500

interface WaterfallProps {
  tree: TraceTree
  /** Parents that are not there have had their time to come. */
  isQuiet: boolean
  /** The node whose detail is open. */
  selected: string | undefined
  /** What the doctor found, by span id. */
  findings: ReadonlyMap<string, readonly Finding[]>
  onOpen(id: string, byKey: boolean): void
  onClose(): void
  ref: Ref<WaterfallHandle>
}

export interface WaterfallHandle {
  /** Takes the focus back to the row that had it last. */
  focus(): void
}

/**
 * The trace as a tree of rows, each with its bar on a common time axis. Only the rows in sight are
 * in the document, however many there are.
 *
 * One row is in the tab order; arrows move among them. All events are handled here, by the id that
 * each row carries, so that rows need no handlers of their own.
 */
export function Waterfall(props: WaterfallProps) {
  const { tree, isQuiet, selected, findings, onOpen, onClose, ref } = props
  const [view] = useState(createWaterfallView)
  const looks = useStore(view)
  const { folds, section } = looks
  const critical = isCriticalMarked(looks, tree.spanCount)
  const [focused, setFocused] = useState<string>()
  /** To be scrolled to as soon as it has a row. */
  const [sought, setSought] = useState<string>()
  const scroller = useRef<HTMLDivElement>(null)
  const hadFocus = useRef(false)

  const axis = useMemo(() => {
    const { start, end } = section ?? tree
    return makeAxis(start, end, section !== undefined)
  }, [tree, section])
  const path = useMemo(() => (critical ? criticalPath(tree) : undefined), [tree, critical])
  const rows = useMemo(() => visibleRows(tree, folds), [tree, folds])
  const indexOf = useMemo(() => new Map(rows.map(({ node }, index) => [node.id, index])), [rows])
  const inTabOrder = firstShown([focused, selected], tree, indexOf) ?? rows[0]?.node.id
  const kept = inTabOrder === undefined ? -1 : indexOf.get(inTabOrder)!
  const isPrinting = usePrinting()
  const { height, drawn, measure, scrollTo } = useRowWindow(scroller, rows, indexOf, kept)
  const arriving = useChange(tree)
  const shown = isPrinting
    ? rows.slice(0, mostPrinted).map((row, index) => ({ row, index, top: undefined }))
    : drawn

  const focusRow = (id: string): void => {
    // It may be far out of sight; being the one in the tab order brings it into the document.
    flushSync(() => setFocused(id))
    const row = scroller.current?.querySelector<HTMLElement>(`[data-span-id="${CSS.escape(id)}"]`)
    row?.focus({ preventScroll: true })
    scrollTo(indexOf.get(id) ?? 0)
    row?.scrollIntoView({ block: 'nearest' })
  }
  useImperativeHandle(ref, () => ({
    focus: () => {
      if (inTabOrder !== undefined) focusRow(inTabOrder)
    },
  }))

  const selectedNode = selected === undefined ? undefined : tree.nodes.get(selected)
  // Once for each selection, when its node is there, and not with each change of the tree.
  const isThere = selectedNode !== undefined
  useEffect(() => {
    if (selectedNode === undefined) return
    view.reveal(selectedNode)
    setFocused(selectedNode.id)
    setSought(selectedNode.id)
  }, [selected, isThere])
  useLayoutEffect(() => {
    const index = sought === undefined ? undefined : indexOf.get(sought)
    if (index === undefined) return
    scrollTo(index)
    setSought(undefined)
  }, [sought, indexOf])

  // A trace that starts anew may lose the row that has the focus.
  useLayoutEffect(() => {
    if (!hadFocus.current || document.activeElement !== document.body) return
    scroller.current?.querySelector<HTMLElement>('[role="treeitem"][tabindex="0"]')?.focus()
  }, [rows])

  const turn = (id: string): void => {
    view.turn(id)
    setFocused(id)
  }

  const zoomTo = (id: string): void => {
    const node = tree.nodes.get(id)
    if (node?.span !== undefined && node.oddTimes === undefined) view.zoom(node.span)
  }

  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    // With a modifier it is the browser's key.
    if (event.metaKey || event.ctrlKey || event.altKey) return
    const id = rowId(event.target)
    const action = id === undefined ? undefined : treeAction(rows, indexOf.get(id) ?? -1, event.key)
    if (action === undefined) return
    event.preventDefault()
    if (action.do === 'focus') focusRow(action.id)
    if (action.do === 'toggle') turn(action.id)
    if (action.do === 'open') onOpen(action.id, true)
    if (action.do === 'close') onClose()
    if (action.do === 'zoom') zoomTo(action.id)
    if (action.do === 'unzoom') view.zoom(undefined)
  }

  const onClick = (event: MouseEvent<HTMLElement>): void => {
    const id = rowId(event.target)
    if (id === undefined) return
    if ((event.target as Element).closest('.row-toggle')) turn(id)
    else onOpen(id, false)
  }

  return (
    <>
      <div className="waterfall-tools">
        <FoldTools view={view} rows={rows} errors={tree.errorCount > 0} />
        <TimeTools view={view} tree={tree} />
      </div>
      <Minimap view={view} tree={tree} />
      <div
        ref={scroller}
        className="waterfall"
        style={{ '--tick': `${axis.ticks[1]?.percent ?? 100}%` }}
      >
        <div className="waterfall-head" aria-hidden="true">
          <span>Span</span>
          <span>Duration</span>
          <span>Self</span>
          <span className="ticks">
            {axis.ticks.map(({ offset, percent }) => (
              <span key={percent} style={{ insetInlineStart: `${percent}%` }}>
                {percent <= lastLabel && `${section ? '+' : ''}${formatTick(offset)}`}
              </span>
            ))}
          </span>
        </div>
        <div
          className="rows"
          role="tree"
          aria-label="Spans of the trace"
          style={{ height: isPrinting ? undefined : height }}
          onKeyDown={onKeyDown}
          onClick={onClick}
          onFocus={(event) => {
            hadFocus.current = true
            setFocused(rowId(event.target))
          }}
          onBlur={() => {
            hadFocus.current = false
          }}
        >
          {shown.map(({ row, index, top }) => (
            <WaterfallRow
              key={row.node.id}
              // The heights on paper are no others' business.
              ref={isPrinting ? null : measure}
              row={row}
              axis={axis}
              isQuiet={isQuiet}
              selected={row.node.id === selected}
              inTabOrder={row.node.id === inTabOrder}
              index={index}
              top={top}
              arrives={arriving}
              critical={path?.get(row.node.id)}
              findings={findings.get(row.node.spanId)}
            />
          ))}
        </div>
      </div>
      {isPrinting && rows.length > mostPrinted && (
        <p className="hint">
          The first {mostPrinted} of {count(rows.length, 'row')}; the others are in the viewer.
        </p>
      )}
    </>
  )
}

/** The first of these that has a row, or of the nodes above it. */
function firstShown(
  ids: (string | undefined)[],
  tree: TraceTree,
  indexOf: ReadonlyMap<string, number>,
): string | undefined {
  for (const id of ids) {
    let node = id === undefined ? undefined : tree.nodes.get(id)
    while (node !== undefined && !indexOf.has(node.id)) node = node.parent
    if (node !== undefined) return node.id
  }
  return undefined
}

/** Whether this drawing is the first one of a value. */
function useChange(value: unknown): boolean {
  const drawn = useRef<unknown>(undefined)
  const changed = drawn.current !== value
  useEffect(() => {
    drawn.current = value
  }, [value])
  return changed
}

function rowId(target: EventTarget): string | undefined {
  return (target as Element).closest<HTMLElement>('[data-span-id]')?.dataset.spanId
}
