import type { TraceSummary } from '@pingtrace/otlp'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { newestFirst, sortTraces, type TraceSort } from './trace-sort.ts'

/** Whoever left the page paused over night is not told the exact number. */
export const maxCounted = 10_000

/** Where somebody is, whom no change must disturb. */
export type Holder = 'rows' | 'plot'

export interface TraceListState {
  /** As they are drawn, from the top. */
  traces: TraceSummary[]
  /** How many traces came that are not drawn, up to `maxCounted`. */
  waiting: number
  /** Nothing changes until somebody says so. */
  paused: boolean
}

/**
 * What the list draws of the newest it was told. While it is held (somebody points into it, or is in
 * it by keyboard) its rows stay where they are: they go on to count their spans, but no row comes,
 * goes or moves. Paused, it does not change at all.
 */
export interface TraceListStore extends StoreApi<TraceListState> {
  /** The newest state of what is listed, by arrival. */
  update(latest: TraceSummary[]): void
  /** The answer to another question: it is drawn, held or not. */
  replace(latest: TraceSummary[]): void
  /** Traces that came and are counted, whether or not they will be listed. */
  came(traceIds: Iterable<string>): void
  sortBy(sort: TraceSort): void
  hold(by: Holder, held: boolean): void
  pause(paused: boolean): void
  /** Draws what waits, once, even while held. */
  showWaiting(): void
}

export function createTraceList(): TraceListStore {
  const store = createStore<TraceListState>(() => ({ traces: [], waiting: 0, paused: false }))
  const waiting = new Set<string>()
  let latest: TraceSummary[] = []
  let sort = newestFirst
  const holders = new Set<Holder>()

  const isFree = (): boolean => holders.size === 0 && !store.getState().paused

  function draw(): void {
    waiting.clear()
    store.setState({ traces: sortTraces(latest, sort), waiting: 0 })
  }

  function countNew(traceIds: Iterable<string>): void {
    for (const id of traceIds) {
      if (waiting.size === maxCounted) break
      waiting.add(id)
    }
    if (waiting.size !== store.getState().waiting) store.setState({ waiting: waiting.size })
  }

  function stay(): void {
    const { traces, paused } = store.getState()
    const drawn = new Set(traces.map(({ traceId }) => traceId))
    if (!paused) store.setState({ traces: inPlace(traces, latest) })
    countNew(latest.map(({ traceId }) => traceId).filter((id) => !drawn.has(id)))
  }

  return {
    ...store,
    update: (next) => {
      latest = next
      if (isFree()) draw()
      else stay()
    },
    replace: (next) => {
      latest = next
      draw()
    },
    came: (traceIds) => {
      if (!isFree()) countNew(traceIds)
    },
    sortBy: (next) => {
      sort = next
      // Somebody asked for it: what is drawn moves, but nothing comes.
      if (isFree()) draw()
      else store.setState(({ traces }) => ({ traces: sortTraces(traces, sort) }))
    },
    hold: (by, held) => {
      if (held) holders.add(by)
      else holders.delete(by)
      if (isFree() && waiting.size > 0) draw()
    },
    pause: (paused) => {
      store.setState({ paused })
      if (isFree()) draw()
    },
    showWaiting: draw,
  }
}

/** The same rows with what is known of them now. */
function inPlace(drawn: TraceSummary[], latest: TraceSummary[]): TraceSummary[] {
  const byId = new Map(latest.map((trace) => [trace.traceId, trace]))
  return drawn.map((trace) => byId.get(trace.traceId) ?? trace)
}
