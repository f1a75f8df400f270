import { createOpenFile, type OpenFileStore } from '../files/open-file-store.ts'
import { createFindingsStore, type FindingsStore } from '../findings/findings-store.ts'
import { type Source, sourceOf } from '../source/source.ts'
import { type ClockNotesStore, createClockNotes } from './clock-notes.ts'
import { createRecentStore, type RecentStore } from './recent-store.ts'
import { type BrowserHistory, createSelection, type SelectionStore } from './selection.ts'
import { createTraceStore, type TraceStore } from './trace-store.ts'

/** The viewer without its drawing: what is selected, the trace shown, and the list beside it. */
export interface Viewer {
  /** The collector's query endpoint. */
  queryUrl: string
  /** Whose traces it shows: of a Jaeger not everything can be asked. */
  source: Source
  selection: SelectionStore
  trace: TraceStore
  findings: FindingsStore
  recent: RecentStore
  /** A file that was opened: its traces are shown from it, and not asked for. */
  files: OpenFileStore
  clockNotes: ClockNotesStore
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
  const source = sourceOf(queryUrl)
  const selection = createSelection(browser)
  const trace = createTraceStore(queryUrl)
  const files = createOpenFile()
  const findings = createFindingsStore(
    source === 'collector' ? queryUrl : undefined,
    trace,
    () => files.getState().opened?.traces,
  )
  const show = (traceId: string | undefined): void => {
    const found = traceId === undefined ? undefined : files.getState().opened?.traces.get(traceId)
    if (found === undefined) trace.show(traceId)
    else trace.showWhole(found.traceId, found.tree)
  }
  return {
    queryUrl,
    source,
    selection,
    trace,
    findings,
    recent,
    files,
    clockNotes: createClockNotes(queryUrl),
    start: () => {
      const stops = [
        selection.subscribe(({ traceId }) => show(traceId)),
        files.subscribe(({ opened }, before) => {
          if (opened === before.opened) return
          const [first] = opened?.traces.keys() ?? []
          // What was shown of the file before, or is in both, is asked for anew.
          trace.show(undefined)
          if (first === undefined) show(selection.getState().traceId)
          else selection.pick(first)
        }),
        selection.followHistory(),
        recent.follow(),
        findings.follow(),
        () => trace.show(undefined),
      ]
      show(selection.getState().traceId)
      return () => {
        for (const stop of stops) stop()
      }
    },
  }
}
