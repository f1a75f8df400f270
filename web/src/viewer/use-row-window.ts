import type { TraceNode, TraceRow } from '@pingtrace/trace-tree'
import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual'
import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react'

/** The head stands over the rows and sticks there: Waterfall.css. */
const headHeight = 25

/** The width at which Waterfall.css puts a row's bar below its name. */
const narrowWidth = 640

/** Rows drawn beyond the edges, so that a fast scroll shows no hole. */
const overscan = 12

export interface RowWindow {
  /** Of all rows, in pixels. */
  height: number
  /** What is to be drawn, from top to bottom. */
  drawn: { row: TraceRow; index: number; top: number }[]
  /** The `ref` of each drawn row, which carries its `data-index`. */
  measure: (row: HTMLElement | null) => void
  /** Scrolls no further than it must. */
  scrollTo(index: number): void
}

/**
 * The rows that have to be in the document: those in sight, and one more wherever it is, since a
 * focus on an element that goes is lost.
 *
 * Rows that come or go above the sight move nothing in it, as browsers do for rows in normal flow.
 *
 * @param scroller what scrolls, with the head in it
 * @param indexOf the place of each node's row
 * @param kept the place of the row that must stay
 */
export function useRowWindow(
  scroller: RefObject<HTMLElement | null>,
  rows: readonly TraceRow[],
  indexOf: ReadonlyMap<string, number>,
  kept: number,
): RowWindow {
  const [narrow, setNarrow] = useState(false)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    // A new function has all rows placed anew.
    getItemKey: useCallback((index: number) => rows[index]!.node.id, [rows, narrow]),
    // What most rows come to; the others are measured when they are drawn.
    estimateSize: (index) => {
      const failed = rows[index]!.node.span?.status.code === 'error'
      return (narrow ? 63 : 28) + (failed ? 25 : 0)
    },
    rangeExtractor: (range) => withKept(range, kept),
    overscan,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
    initialRect: { width: 1_000, height: 700 },
  })
  const width = virtual.scrollRect?.width ?? narrowWidth
  useLayoutEffect(() => setNarrow(width < narrowWidth), [width])

  const items = virtual.getVirtualItems()
  const anchor = useRef<{ node: TraceNode; offset: number }>(undefined)
  useLayoutEffect(() => {
    const { current: element } = scroller
    const place = anchor.current && placeOf(anchor.current.node, indexOf)
    if (element === null || element.scrollTop === 0 || place === undefined) return
    const start = virtual.measurementsCache[place]?.start
    if (start !== undefined) element.scrollTop = start + anchor.current!.offset
  }, [indexOf, scroller, virtual])
  useLayoutEffect(() => {
    const top = scroller.current?.scrollTop ?? 0
    const first = items.find(({ index, end }) => index !== kept && end > top + headHeight)
    anchor.current = first && { node: rows[first.index]!.node, offset: top - first.start }
  })

  return {
    height: virtual.getTotalSize(),
    drawn: items.map(({ index, start }) => ({ row: rows[index]!, index, top: start - headHeight })),
    measure: virtual.measureElement,
    scrollTo: (index) => virtual.scrollToIndex(index),
  }
}

function withKept(range: Range, kept: number): number[] {
  const indexes = defaultRangeExtractor(range)
  if (kept < 0 || kept >= range.count || indexes.includes(kept)) return indexes
  // In the order of the rows: it is read aloud in that of the document.
  return kept < (indexes[0] ?? 0) ? [kept, ...indexes] : [...indexes, kept]
}

/** Of the node's row, or of the first one above it that is not hidden. */
function placeOf(node: TraceNode, indexOf: ReadonlyMap<string, number>): number | undefined {
  for (let each: TraceNode | undefined = node; each !== undefined; each = each.parent) {
    const place = indexOf.get(each.id)
    if (place !== undefined) return place
  }
  return undefined
}
