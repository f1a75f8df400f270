import type {
  OperationsResult,
  SearchResult,
  ServiceMapResult,
  TraceSummary,
} from '@pingtrace/otlp'
import { followNewest } from '../viewer/follow-newest.ts'
import type { BrowserHistory } from '../viewer/selection.ts'
import { createViewer, type Viewer } from '../viewer/viewer.ts'
import { createArrivals, maxArrivals } from './arrivals-store.ts'
import { type AskedStore, createAsked, isQuestion, isSameQuestion } from './asked-store.ts'
import { createNames, type NamesStore } from './names-store.ts'
import { createSearch, type SearchStore } from './search-store.ts'
import { throttle } from './throttle.ts'
import { createTraceList, type TraceListStore } from './trace-list.ts'
import { printSort } from './trace-sort.ts'
import type { View } from './views.ts'

/**
 * The list is drawn at once, and then again after a pause: a short one for a few new rows, which is
 * live, and a longer one for many, which nobody could read as they fly by, and which cost more. Where
 * drawing itself takes long the page has a rest nine times as long, to answer who uses it.
 */
const drawPause = { least: 250, perTrace: 5, most: 1_000, timesCost: 9, mostForCost: 3_000 }

/** The explorer without its drawing. */
export interface Explorer {
  viewer: Viewer
  asked: AskedStore
  /** The answers of the three views, of which the one that is seen is kept up to date. */
  search: SearchStore<SearchResult>
  operations: SearchStore<OperationsResult>
  map: SearchStore<ServiceMapResult>
  list: TraceListStore
  /** Services and operations, for completion. */
  names: NamesStore
  /** Opens the streams; may be stopped and started again. */
  start(): () => void
}

/**
 * The list is what arrives, or what a query finds; the viewer shows a trace of it.
 * @param queryUrl the collector's query endpoint
 */
export function createExplorer(
  queryUrl: string,
  browser: BrowserHistory = window,
  afterPaint: (done: () => void) => void = afterNextFrame,
): Explorer {
  const arrivals = createArrivals(queryUrl)
  const viewer = createViewer(queryUrl, arrivals, browser)
  const asked = createAsked(browser)
  const search = createSearch<SearchResult>(
    // As many as the list holds.
    `${queryUrl}/live/v1/search?limit=${maxArrivals}`,
    '{}',
  )
  const operations = createSearch<OperationsResult>(`${queryUrl}/live/v1/operations`, '')
  const map = createSearch<ServiceMapResult>(`${queryUrl}/live/v1/service-map`, '')
  // What came to the receivers is no answer to a question.
  const answers: Partial<Record<View, Pick<SearchStore<object>, 'ask' | 'refresh'>>> = {
    list: search,
    // Nor are these two, where it is a Jaeger that is asked.
    ...(viewer.source === 'collector' && { operations, map }),
  }
  const list = createTraceList()
  const names = createNames(queryUrl)

  const isQuery = (): boolean => isQuestion(asked.getState())
  let sinceDrawn = 0
  /** Of the last drawing, in milliseconds: this one's is not known before it is on the screen. */
  let cost = 0
  const draw = throttle(() => {
    const began = performance.now()
    // Somebody may have asked a question since.
    if (!isQuery()) list.update(arrivals.getState().traces)
    afterPaint(() => {
      cost = performance.now() - began
    })
    const { least, perTrace, most, timesCost, mostForCost } = drawPause
    const pause = Math.min(most, least + sinceDrawn * perTrace)
    sinceDrawn = 0
    return Math.max(pause, Math.min(mostForCost, cost * timesCost))
  })

  const ask = (): void => {
    const { view, query, range } = asked.getState()
    // A link to a question, or whoever asks one, wants to look at what was found.
    if (isQuery()) viewer.selection.setState({ following: false })
    if (!isQuery()) list.replace(arrivals.getState().traces)
    answers[view]?.ask(isQuery() || view !== 'list' ? { query, range } : undefined)
  }
  /** What is new opens by itself only where it is seen. */
  const listInView: Pick<TraceListStore, 'getState' | 'subscribe'> = {
    getState: list.getState,
    subscribe: (listener) =>
      list.subscribe((now, before) => {
        if (asked.getState().view === 'list') listener(now, before)
      }),
  }

  const start = (): (() => void) => {
    list.sortBy(asked.getState().sort)
    const stops = [
      arrivals.subscribe(({ traces }, before) => {
        if (traces === before.traces) return
        if (!traces.every(({ service }) => names.getState().services.includes(service))) {
          void names.refresh()
        }
        const came = newIds(traces, before.traces)
        const { paused } = list.getState()
        sinceDrawn += came.length
        if (!isQuery()) draw.call()
        if (!paused) answers[asked.getState().view]?.refresh()
        if (!isQuery() || paused) list.came(came)
      }),
      asked.subscribe((now, before) => {
        if (!isSameQuestion(now, before) || now.view !== before.view) ask()
        if (printSort(now.sort) !== printSort(before.sort)) list.sortBy(now.sort)
      }),
      search.subscribe(({ result, problem }, before) => {
        // Until the first answer, what was listed before stays.
        if (problem?.isQuery) list.replace([])
        else if (result !== undefined && before.result === undefined) list.replace(result.traces)
        else if (result !== undefined && result !== before.result) list.update(result.traces)
      }),
      // What came while it was paused has not been searched for.
      list.subscribe(({ paused }, before) => {
        if (before.paused && !paused) answers[asked.getState().view]?.refresh()
      }),
      asked.followHistory(),
      viewer.start(),
      followNewest({ recent: listInView, selection: viewer.selection }),
      draw.cancel,
      search.stop,
      operations.stop,
      map.stop,
    ]
    ask()
    return () => {
      for (const stop of stops) stop()
    }
  }
  return { viewer, asked, search, operations, map, list, names, start }
}

/** Calls back when what was changed before is on the screen: a frame is painted after its callbacks. */
function afterNextFrame(done: () => void): void {
  requestAnimationFrame(() => setTimeout(done))
}

function newIds(traces: TraceSummary[], before: TraceSummary[]): string[] {
  const known = new Set(before.map(({ traceId }) => traceId))
  return traces.map(({ traceId }) => traceId).filter((id) => !known.has(id))
}
