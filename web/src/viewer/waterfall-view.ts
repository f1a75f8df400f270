import {
  type FoldRule,
  type Folds,
  foldAll,
  reveal,
  type TimeRange,
  type TraceNode,
  turn,
  unfolded,
} from '@pingtrace/trace-tree'
import { createStore, type StoreApi } from 'zustand/vanilla'

/** How one trace is looked at; it is forgotten with the trace. */
export interface WaterfallState {
  folds: Folds
  /** The section of the trace's time that is looked at; undefined for all of it. */
  section: TimeRange | undefined
  /** Whether the critical path is to be marked; undefined while nobody has said so. */
  critical: boolean | undefined
}

export interface WaterfallView extends StoreApi<WaterfallState> {
  /** Collapses or expands by a rule, whatever was done by hand before. */
  fold(rule: FoldRule): void
  /** Collapses or expands one node. */
  turn(id: string): void
  /** Expands whatever hides the node. */
  reveal(node: TraceNode): void
  /** Looks at a section, which may be given the wrong way round; at all of the time without one. */
  zoom(section: TimeRange | undefined): void
  markCritical(critical: boolean): void
}

/** Of a trace of more spans the path takes a moment: only who asks for it waits. */
const markedUpTo = 10_000

export function isCriticalMarked({ critical }: WaterfallState, spanCount: number): boolean {
  return critical ?? spanCount <= markedUpTo
}

export function createWaterfallView(): WaterfallView {
  const store = createStore<WaterfallState>(() => ({
    folds: unfolded,
    section: undefined,
    critical: undefined,
  }))
  return {
    ...store,
    fold: (rule) => store.setState({ folds: foldAll(rule) }),
    turn: (id) => store.setState(({ folds }) => ({ folds: turn(folds, id) })),
    reveal: (node) => store.setState(({ folds }) => ({ folds: reveal(folds, node) })),
    zoom: (section) => store.setState({ section: section && inOrder(section) }),
    markCritical: (critical) => store.setState({ critical }),
  }
}

/** Never without a length. */
function inOrder({ start, end }: TimeRange): TimeRange {
  if (end < start) return inOrder({ start: end, end: start })
  return { start, end: end > start ? end : start + 1n }
}
