import { adjustTree, measureClocks, type TraceClocks } from '@pingtrace/trace-facts'
import type { TraceTree } from '@pingtrace/trace-tree'
import { useDeferredValue, useMemo } from 'react'
import type { ClockView } from './selection.ts'

interface ShownTrace {
  /** Both with the times that are to be shown. */
  whole: TraceTree | undefined
  drawn: TraceTree | undefined
  /** What is known of the clocks; undefined for the first moment. */
  clocks: TraceClocks | undefined
}

/**
 * The trace as it is to be drawn, and what is known of its clocks. Measuring is left for after the
 * first drawing, unless the times to be drawn depend on it.
 * @param whole all that has arrived, which the clocks are told from
 * @param drawn the part of it that is drawn
 */
export function useTraceClocks(
  whole: TraceTree | undefined,
  drawn: TraceTree | undefined,
  view: ClockView,
): ShownTrace {
  const later = useDeferredValue(whole, undefined)
  const isAdjusted = view === 'adjusted'
  const measured = isAdjusted ? whole : later
  const clocks = useMemo(() => measured && measureClocks(measured), [measured])
  const adjust = (tree: TraceTree | undefined): TraceTree | undefined =>
    isAdjusted && tree && clocks ? adjustTree(tree, clocks) : tree
  const shownWhole = useMemo(() => adjust(whole), [isAdjusted, whole, clocks])
  const shownPart = useMemo(
    () => (drawn === whole ? shownWhole : adjust(drawn)),
    [isAdjusted, drawn, whole, shownWhole, clocks],
  )
  return { whole: shownWhole, drawn: shownPart, clocks }
}
