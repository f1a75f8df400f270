import type { Finding } from '@pingtrace/doctor'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { fetchQuery } from '../viewer/query-token.ts'
import type { TraceStore } from '../viewer/trace-store.ts'
import { type FileTraces, findingsOfFile } from './findings-of-file.ts'

/** A trace that grows is asked about this often at most. */
const pauseMs = 1_000
/** What is not there by now is missing, and no longer on its way (docs/doctor.md). */
const windowMs = 10_500

export interface FindingsState {
  /** The trace that they are of; undefined until the doctor has answered for the one shown. */
  traceId: string | undefined
  findings: Finding[]
}

export interface FindingsStore extends StoreApi<FindingsState> {
  /** Asks the doctor about the trace that is shown, and again when it changed. */
  follow(): () => void
}

const none: FindingsState = { traceId: undefined, findings: [] }

/**
 * What the doctor says of the trace on the page. Where nobody answers, nothing is said: the stream
 * tells of a collector that is away.
 * @param queryUrl the collector's query endpoint; undefined for a Jaeger, which does not tell what else
 * went on around a trace
 * @param fileTraces those of the file that is open: the doctor looks at them in the page
 */
export function createFindingsStore(
  queryUrl: string | undefined,
  trace: TraceStore,
  fileTraces: () => FileTraces | undefined = () => undefined,
): FindingsStore {
  const store = createStore<FindingsState>(() => none)

  function follow(): () => void {
    const stop = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    let due = Number.POSITIVE_INFINITY
    /** One question at a time: a giant trace takes the doctor longer than the pause between two. */
    let running: AbortController | undefined
    let isOutdated = false

    /** Earlier than what is planned, never later: a trace that grows must not put it off for ever. */
    const askIn = (ms: number): void => {
      const at = performance.now() + ms
      if (at >= due) return
      clearTimeout(timer)
      due = at
      timer = setTimeout(() => void ask(), ms)
    }
    const ask = async (): Promise<void> => {
      due = Number.POSITIVE_INFINITY
      isOutdated = running !== undefined
      if (running !== undefined) return
      running = new AbortController()
      try {
        await askOnce(AbortSignal.any([stop.signal, running.signal]))
      } finally {
        running = undefined
      }
      if (isOutdated && !stop.signal.aborted) askIn(pauseMs)
    }
    const askOnce = async (signal: AbortSignal): Promise<void> => {
      const { shown, isFromFile } = trace.getState()
      const traceId = shown?.traceId
      if (traceId === undefined) return
      const findings = isFromFile
        ? await findingsOfFile(fileTraces() ?? new Map(), traceId)
        : queryUrl && (await read(queryUrl, traceId, signal))
      // Another trace may be shown by now, which is asked about by itself.
      if (!findings || trace.getState().shown?.traceId !== traceId) return
      store.setState({ traceId, findings })
      if (findings.some(({ rule }) => rule === 'not-yet-arrived')) askIn(windowMs)
    }
    const unsubscribe = trace.subscribe(({ shown }, before) => {
      if (shown === before.shown) return
      if (shown?.traceId !== store.getState().traceId) store.setState(none)
      const isOther = shown?.traceId !== before.shown?.traceId
      // Nobody waits for the answer about the one before.
      if (isOther) running?.abort()
      askIn(isOther ? pauseMs / 4 : pauseMs)
    })
    if (trace.getState().shown) askIn(0)
    return () => {
      unsubscribe()
      clearTimeout(timer)
      stop.abort()
    }
  }
  return { ...store, follow }
}

async function read(
  queryUrl: string,
  traceId: string,
  signal: AbortSignal,
): Promise<Finding[] | undefined> {
  try {
    const response = await fetchQuery(`${queryUrl}/live/v1/traces/${traceId}/findings`, { signal })
    if (!response.ok) return undefined
    return ((await response.json()) as { findings: Finding[] }).findings
  } catch (error) {
    // fetch says TypeError where there is no answer, and SyntaxError where it is somebody else's.
    const isExpected = error instanceof TypeError || error instanceof SyntaxError
    if (signal.aborted || isExpected) return undefined
    throw error
  }
}
