import { type View, views } from '../explorer/views.ts'
import { Text } from '../viewer/Text.tsx'
import type { TraceState } from '../viewer/trace-store.ts'
import { WaitingForTrace } from '../viewer/WaitingForTrace.tsx'
import './JaegerNote.css'

/** What is different when the traces are Jaeger's, so that nobody takes its limits for the data's. */
export function JaegerNote({ address }: { address: string | undefined }) {
  return (
    <aside className="card jaeger-note" aria-label="About these traces">
      <p>
        <strong>
          <Text
            text={`These are the traces of Jaeger${address === undefined ? '' : ` at ${address}`}.`}
          />
        </strong>{' '}
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
        <WaitingForTrace {...state} who="Jaeger" />
      </div>
    )
  return (
    <div className="empty-trace">
      <p>Pick a trace of the list, or open a link to one.</p>
    </div>
  )
}

/** In place of what a Jaeger cannot be asked: an old link, or a key, leads there. */
export function NotOfJaeger({ view }: { view: View }) {
  return (
    <section className="card overview" aria-labelledby="not-of-jaeger">
      <header className="card-header">
        <h2 id="not-of-jaeger">{views.find(({ id }) => id === view)?.label}</h2>
      </header>
      <p>
        Jaeger cannot be asked for this. Of the traces that came here it is under This collector.
      </p>
    </section>
  )
}
