import type { ArrivedSpans } from '@pingtrace/otlp'
import { arrivalWindowMs } from '@pingtrace/trace-facts'
import type { TraceTree } from '@pingtrace/trace-tree'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { growTrace } from './growing-trace.ts'
import { openLiveStream, type StreamState } from './live-stream.ts'

export interface TraceState {
  /** The trace that was asked for. */
  wanted: string | undefined
  /** What is drawn: the wanted trace, or the one before it until something of the new one came. */
  shown: { traceId: string; tree: TraceTree } | undefined
  /** The collector has said what it has of the wanted trace: with nothing shown, it has nothing. */
  answered: boolean
  /** Nothing of it has arrived for so long that what is not there is missing (`arrivalWindowMs`). */
  isQuiet: boolean
  stream: StreamState
  /** It is of a file, and not the collector's. */
  isFromFile: boolean
}

export interface TraceStore extends StoreApi<TraceState> {
  /** Follows another trace, or none. Asking again for the same one changes nothing. */
  show(traceId: string | undefined): void
  /** Shows a trace of a file, which does not grow. */
  showWhole(traceId: string, tree: TraceTree): void
}

const nothing: TraceState = {
  wanted: undefined,
  shown: undefined,
  answered: false,
  isQuiet: false,
  stream: { state: 'connecting' },
  isFromFile: false,
}

/**
 * The trace on the page. It grows with every span that arrives, for as long as it is shown.
 * @param queryUrl the collector's query endpoint
 */
export function createTraceStore(queryUrl: string): TraceStore {
  const store = createStore<TraceState>(() => nothing)
  let close = (): void => undefined
  let quiet: ReturnType<typeof setTimeout> | undefined
  /** Of all that has come; the page learns of it with the tree that has all of it. */
  let isQuiet = false

  /**
   * Counts the time without arrivals, by a clock that nobody sets, from where the collector says: it
   * does so when all that is stored has come.
   * @returns whether it has been long enough already
   */
  function waitForMore(quietForMs = 0): boolean {
    clearTimeout(quiet)
    isQuiet = quietForMs >= arrivalWindowMs
    if (!isQuiet) {
      quiet = setTimeout(() => {
        isQuiet = true
        store.setState({ isQuiet })
      }, arrivalWindowMs - quietForMs)
    }
    return isQuiet
  }

  function show(traceId: string | undefined): void {
    if (traceId === store.getState().wanted) return
    close()
    clearTimeout(quiet)
    isQuiet = false
    if (traceId === undefined) {
      store.setState(nothing)
      return
    }
    store.setState({ ...nothing, wanted: traceId, shown: store.getState().shown })
    // A collector that started anew may have forgotten what is on the screen: it stays there
    // until something replaces it.
    const growing = growTrace((tree) =>
      store.setState({ answered: true, isQuiet, ...(tree && { shown: { traceId, tree } }) }),
    )
    const closeStream = openLiveStream({
      url: `${queryUrl}/live/v1/stream?traceId=${traceId}&encoding=protobuf`,
      onState: (stream) => store.setState({ stream }),
      onEvents: (events) => {
        const arrived = events.findLast(({ event }) => event === 'spans')?.data as
          | ArrivedSpans
          | undefined
        if (arrived && !waitForMore(arrived.quietForMs)) store.setState({ isQuiet })
        growing.take(events)
      },
    })
    close = () => {
      closeStream()
      growing.stop()
    }
  }

  function showWhole(traceId: string, tree: TraceTree): void {
    const { wanted, shown } = store.getState()
    // Another one may be wanted by now, and this one stand there until it comes.
    if (wanted === traceId && shown?.tree === tree) return
    close()
    clearTimeout(quiet)
    store.setState({
      ...nothing,
      wanted: traceId,
      shown: { traceId, tree },
      answered: true,
      isQuiet: true,
      isFromFile: true,
    })
  }
  return { ...store, show, showWhole }
}
