import {
  type FoldRule,
  type Folds,
  foldAll,
  reveal,
  type TraceNode,
  turn,
  unfolded,
} from '@pingtrace/trace-tree'
import { createStore, type StoreApi } from 'zustand/vanilla'

/** How one trace is looked at; it is forgotten with the trace. */
export interface WaterfallState {
  folds: Folds
}

export interface WaterfallView extends StoreApi<WaterfallState> {
  /** Collapses or expands by a rule, whatever was done by hand before. */
  fold(rule: FoldRule): void
  /** Collapses or expands one node. */
  turn(id: string): void
  /** Expands whatever hides the node. */
  reveal(node: TraceNode): void
}

export function createWaterfallView(): WaterfallView {
  const store = createStore<WaterfallState>(() => ({ folds: unfolded }))
  return {
    ...store,
    fold: (rule) => store.setState({ folds: foldAll(rule) }),
    turn: (id) => store.setState(({ folds }) => ({ folds: turn(folds, id) })),
    reveal: (node) => store.setState(({ folds }) => ({ folds: reveal(folds, node) })),
  }
}
