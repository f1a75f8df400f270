import type { TraceSummary } from '@pingtrace/otlp'
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { StreamEvent } from './event-stream.ts'
import { openLiveStream, type StreamState } from './live-stream.ts'

/** As many as the collector's stream begins with. */
const limit = 50

export interface RecentState {
  /** By arrival at the collector, newest first: senders' clocks cannot be compared. */
  traces: TraceSummary[]
  /** The collector has said what it has. */
  answered: boolean
  stream: StreamState
}

export interface RecentStore extends StoreApi<RecentState> {
  /** @returns closes the stream; what came so far stays */
  follow(): () => void
}

/**
 * The traces that last received spans.
 * @param queryUrl the collector's query endpoint
 */
export function createRecentStore(queryUrl: string): RecentStore {
  const store = createStore<RecentState>(() => ({
    traces: [],
    answered: false,
    stream: { state: 'connecting' },
  }))
  const follow = (): (() => void) =>
    openLiveStream({
      url: `${queryUrl}/live/v1/stream`,
      onState: (stream) => store.setState({ stream }),
      onEvents: (events) =>
        store.setState(({ traces }) => ({
          traces: mergeTraces(traces, events, limit),
          answered: true,
        })),
    })
  return { ...store, follow }
}

/** What is listed after these events, of the newest `limit` traces. */
export function mergeTraces(
  known: TraceSummary[],
  events: StreamEvent[],
  limit: number,
): TraceSummary[] {
  let traces = known
  for (const { event, data } of events) {
    if (event === 'reset') traces = []
    if (event !== 'traces') continue
    const changed = (data as { traces: TraceSummary[] }).traces
    const changedIds = new Set(changed.map((trace) => trace.traceId))
    traces = [...changed, ...traces.filter((trace) => !changedIds.has(trace.traceId))]
      // Stable: of several that arrived in one millisecond, the collector knows the order.
      .sort((a, b) => b.arrivedAt - a.arrivedAt)
      .slice(0, limit)
  }
  return traces
}
