import { createFindingsStore, type FindingsStore } from '../findings/findings-store.ts'
import { createRecentStore, type RecentStore } from './recent-store.ts'
import { type BrowserHistory, createSelection, type SelectionStore } from './selection.ts'
import { createTraceStore, type TraceStore } from './trace-store.ts'

/** The viewer without its drawing: what is selected, the trace shown, and the list beside it. */
export interface Viewer {
  /** The collector's query endpoint. */
  queryUrl: string
  selection: SelectionStore
  trace: TraceStore
  findings: FindingsStore
  recent: RecentStore
  /** Opens the streams; may be stopped and started again. */
  start(): () => void
}

/**
 * @param queryUrl the collector's query endpoint
 * @param recent another list than the usual one
 */
export function createViewer(
  queryUrl: string,
  recent = createRecentStore(queryUrl),
  browser: BrowserHistory = window,
): Viewer {
  const selection = createSelection(browser)
  const trace = createTraceStore(queryUrl)
  const findings = createFindingsStore(queryUrl, trace)
  return {
    queryUrl,
    selection,
    trace,
    findings,
    recent,
    start: () => {
      const stops = [
        selection.subscribe(({ traceId }) => trace.show(traceId)),
        selection.followHistory(),
        recent.follow(),
        findings.follow(),
        () => trace.show(undefined),
      ]
      trace.show(selection.getState().traceId)
      return () => {
        for (const stop of stops) stop()
      }
    },
  }
}
