import type { TraceSummary } from '@pingtrace/otlp'
import { type MouseEvent, useEffect } from 'react'
import { useStore } from 'zustand'
import { count, formatArrival, formatDuration } from './format.ts'
import type { StreamState } from './live-stream.ts'
import { selectionHref } from './selection.ts'
import { serviceColour } from './service-colours.ts'
import { troubleText } from './stream-words.ts'
import { Name } from './Text.tsx'
import type { Viewer } from './viewer.ts'
import './RecentTraces.css'

/** The traces that last received spans; each is a link, so it can be copied and opened in a tab. */
export function RecentTraces({ viewer }: { viewer: Viewer }) {
  const { traces, answered, stream } = useStore(viewer.recent)
  const { traceId, following } = useStore(viewer.selection)
  const notes = useStore(viewer.clockNotes)
  useEffect(() => viewer.clockNotes.look(traces), [viewer, traces])

  return (
    <section className="card recent" aria-labelledby="recent-heading">
      <header className="card-header">
        <h2 id="recent-heading">Recent traces</h2>
        <button
          type="button"
          className="button-small"
          aria-pressed={following}
          onClick={viewer.selection.followPings}
        >
          Follow latest ping
        </button>
      </header>
      <p className="hint">
        {following ? 'Shows each new ping until you pick one.' : 'Keeps the trace that you picked.'}
      </p>
      {traces.length === 0 ? (
        <p className="hint">{answered ? 'No traces yet.' : waitingText(stream)}</p>
      ) : (
        <ol className="recent-list">
          {traces.map((trace) => (
            <RecentTrace
              key={trace.traceId}
              trace={trace}
              clockNote={notes.get(trace.traceId)}
              shown={trace.traceId === traceId}
              onPick={viewer.selection.pick}
            />
          ))}
        </ol>
      )}
    </section>
  )
}

function waitingText(stream: StreamState): string {
  const trouble = troubleText(stream)
  return trouble === undefined ? 'Asking the collector…' : `Not known: ${trouble}.`
}

interface RecentTraceProps {
  trace: TraceSummary
  clockNote: string | undefined
  shown: boolean
  onPick(traceId: string): void
}

function RecentTrace({ trace, clockNote, shown, onPick }: RecentTraceProps) {
  const pick = (event: MouseEvent): void => {
    // With a modifier the browser opens a tab or a window: its business.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    onPick(trace.traceId)
  }
  const services = new Set([trace.service, ...trace.services])
  return (
    <li>
      <a
        href={selectionHref(window.location.href, { traceId: trace.traceId, spanId: undefined })}
        className="recent-trace"
        aria-current={shown ? 'true' : undefined}
        data-trace-id={trace.traceId}
        onClick={pick}
      >
        <span className="recent-name">
          <Name text={trace.name} />
        </span>
        <span className="recent-duration">{formatDuration(BigInt(trace.durationNano))}</span>
        <span className="recent-services">
          {[...services].map((service) => (
            <span key={service} className="service">
              <span className="swatch" style={{ '--service': serviceColour(service) }} />
              <Name text={service} />
            </span>
          ))}
        </span>
        <span className="recent-facts">
          <time dateTime={new Date(trace.arrivedAt).toISOString()}>
            {formatArrival(trace.arrivedAt)}
          </time>
          {' · '}
          {count(trace.spanCount, 'span')}
          {trace.errorCount > 0 && (
            <span className="error-text"> · {count(trace.errorCount, 'error')}</span>
          )}
          {!trace.hasRoot && ' · no root yet'}
          {clockNote && (
            <span className="badge badge-warn">
              <Name text={clockNote} />
            </span>
          )}
        </span>
      </a>
    </li>
  )
}
