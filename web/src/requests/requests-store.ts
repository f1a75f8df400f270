import type { ReceivedRequest } from '@pingtrace/otlp'
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { StreamEvent } from '../viewer/event-stream.ts'
import { openLiveStream, type StreamState } from '../viewer/live-stream.ts'

/** As many as the collector remembers of both receivers. */
export const maxRequests = 400

export interface RequestsState {
  /** The newest first. */
  requests: ReceivedRequest[]
  /** The collector has said what it has. */
  answered: boolean
  stream: StreamState
}

export interface RequestsStore extends StoreApi<RequestsState> {
  /** @returns closes the stream; what came so far stays */
  follow(): () => void
}

/**
 * The requests that came to the collector's receivers, refused ones too.
 * @param queryUrl the collector's query endpoint
 */
export function createRequests(queryUrl: string): RequestsStore {
  const store = createStore<RequestsState>(() => ({
    requests: [],
    answered: false,
    stream: { state: 'connecting' },
  }))
  const follow = (): (() => void) => {
    // A new stream begins with all that is remembered.
    store.setState({ requests: [] })
    return openLiveStream({
      url: `${queryUrl}/live/v1/requests/stream`,
      onState: (stream) => store.setState({ stream }),
      onEvents: (events) =>
        store.setState(({ requests }) => ({
          requests: mergeRequests(requests, events),
          answered: true,
        })),
    })
  }
  return { ...store, follow }
}

/** What is listed after these events. */
export function mergeRequests(
  known: ReceivedRequest[],
  events: readonly StreamEvent[],
): ReceivedRequest[] {
  let requests = known
  for (const { event, data } of events) {
    if (event === 'reset') requests = []
    if (event !== 'requests') continue
    const came = (data as { requests: ReceivedRequest[] }).requests
    requests = [...came.toReversed(), ...requests].slice(0, maxRequests)
  }
  return requests
}
