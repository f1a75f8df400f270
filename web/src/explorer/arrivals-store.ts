import type { TraceSummary } from '@pingtrace/otlp'
import { createStore } from 'zustand/vanilla'
import type { StreamEvent } from '../viewer/event-stream.ts'
import { openLiveStream } from '../viewer/live-stream.ts'
import { fetchQuery } from '../viewer/query-token.ts'
import { mergeTraces, type RecentState, type RecentStore } from '../viewer/recent-store.ts'

/** More rows than anybody reads, and few enough to be merged with each event. */
export const maxArrivals = 500

/**
 * The traces that last received spans, live: as many as the list may hold. The stream begins with
 * few, so whatever else is stored is asked for when it begins, and shown together with those.
 * @param queryUrl the collector's query endpoint
 */
export function createArrivals(queryUrl: string): RecentStore {
  const store = createStore<RecentState>(() => ({
    traces: [],
    answered: false,
    stream: { state: 'connecting' },
  }))

  function follow(): () => void {
    const stop = new AbortController()
    let traces: TraceSummary[] = []
    let begun = false
    let filling = false
    const publish = (): void => store.setState({ traces, answered: true })

    const onEvents = (events: StreamEvent[]): void => {
      traces = mergeTraces(traces, events, maxArrivals)
      if (!begun || events.some(({ event }) => event === 'reset')) {
        begun = true
        filling = true
        void recentTraces(queryUrl, stop.signal).then((older) => {
          if (stop.signal.aborted) return
          filling = false
          traces = fillUp(traces, older)
          publish()
        })
      }
      if (!filling) publish()
    }
    const close = openLiveStream({
      url: `${queryUrl}/live/v1/stream`,
      onState: (stream) => store.setState({ stream }),
      onEvents,
    })
    return () => {
      stop.abort()
      close()
    }
  }
  return { ...store, follow }
}

/** Nothing when they cannot be had: what the stream sends is shown all the same. */
async function recentTraces(queryUrl: string, signal: AbortSignal): Promise<TraceSummary[]> {
  try {
    const url = `${queryUrl}/live/v1/traces?limit=${maxArrivals}`
    const response = await fetchQuery(url, { signal })
    if (!response.ok) return []
    return ((await response.json()) as { traces: TraceSummary[] }).traces
  } catch {
    // The stream runs into the same trouble, and says so.
    return []
  }
}

/** What the stream has sent is the newer word on a trace. */
function fillUp(traces: TraceSummary[], older: TraceSummary[]): TraceSummary[] {
  const known = new Set(traces.map(({ traceId }) => traceId))
  return [...traces, ...older.filter(({ traceId }) => !known.has(traceId))]
    .sort((a, b) => b.arrivedAt - a.arrivedAt)
    .slice(0, maxArrivals)
}
