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

  function show(traceId: string | undefined): void {
    if (traceId === store.getState().wanted) return
    close()
    if (traceId === undefined) {
      store.setState(nothing)
      return
    }
    store.setState({
      wanted: traceId,
      answered: false,
      stream: { state: 'connecting' },
      isFromFile: false,
    })
    // A collector that started anew may have forgotten what is on the screen: it stays there
    // until something replaces it.
    const growing = growTrace((tree) =>
      store.setState({ answered: true, ...(tree && { shown: { traceId, tree } }) }),
    )
    const closeStream = openLiveStream({
      url: `${queryUrl}/live/v1/stream?traceId=${traceId}`,
      onState: (stream) => store.setState({ stream }),
      onEvents: growing.take,
    })
    close = () => {
      closeStream()
      growing.stop()
    }
  }

  function showWhole(traceId: string, tree: TraceTree): void {
    if (store.getState().shown?.tree === tree) return
    close()
    store.setState({
      ...nothing,
      wanted: traceId,
      shown: { traceId, tree },
      answered: true,
      isFromFile: true,
    })
  }
  return { ...store, show, showWhole }
}
