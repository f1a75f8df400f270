import type { TraceState } from '../viewer/trace-store.ts'
import { WaitingForTrace } from '../viewer/WaitingForTrace.tsx'
import './JaegerNote.css'

/** What is different when the traces are Jaeger's, so that nobody takes its limits for the data's. */
export function JaegerNote({ address }: { address: string | undefined }) {
  return (
    <aside className="card jaeger-note" aria-label="About these traces">
      <p>
        <strong>These are the traces of Jaeger{address !== undefined && ` at ${address}`}.</strong>{' '}
        It has no stream: it is asked again every few seconds. Without a time range it is asked for
        the last hour.
      </p>
      <details>
        <summary>What works otherwise here</summary>
        <p>
          Queries are one {'{ … && … }'} of service, name, duration, kind,{' '}
          <code>status = error</code> and attributes by <code>=</code>; Jaeger looks for an
          attribute in the span, its resource, scope and events alike. Structure, aggregates,
          operations, the service map, requests, findings and the replay of arrivals need the
          collector’s own traces. Arrival is not known: the list is by the end of each trace.
        </p>
      </details>
    </aside>
  )
}

/** In place of a trace: while none is picked, or nothing of it has come. */
export function NothingOfJaeger(state: TraceState) {
  if (state.wanted !== undefined)
    return (
      <div className="empty-trace">
        <WaitingForTrace {...state} />
      </div>
    )
  return (
    <div className="empty-trace">
      <p>Pick a trace of the list, or open a link to one.</p>
    </div>
  )
}

/** In place of the requests, which are asked of nobody: they came to the collector, and not to Jaeger. */
export function NoRequests() {
  return (
    <section className="card overview" aria-labelledby="no-requests">
      <header className="card-header">
        <h2 id="no-requests">Requests that came</h2>
      </header>
      <p>
        Jaeger does not tell which requests it got. Those that came here are under This collector.
      </p>
    </section>
  )
}
