import type { TraceSummary } from '@pingtrace/otlp'
import { type MouseEvent, memo } from 'react'
import { bothTimes, formatArrival, formatDuration, formatExactTime } from '../viewer/format.ts'
import { selectionHref } from '../viewer/selection.ts'
import { serviceColour } from '../viewer/service-colours.ts'
import { Name } from '../viewer/Text.tsx'
import { plainName } from '../viewer/visible-text.ts'

interface TraceListRowProps {
  trace: TraceSummary
  /** What is the matter with its clocks, if anything. */
  clockNote: string | undefined
  /** The address of the list, which the link to the trace is made of. */
  page: string
  shown: boolean
  inTabOrder: boolean
  onPick(traceId: string): void
}

/** One trace. Its link lies over the whole row, so that it can be copied and opened in a tab. */
export const TraceListRow = memo(function TraceListRow(props: TraceListRowProps) {
  const { trace, clockNote, page, shown, inTabOrder, onPick } = props
  const pick = (event: MouseEvent): void => {
    // With a modifier the browser opens a tab or a window: its business.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    onPick(trace.traceId)
  }
  const services = new Set([trace.service, ...trace.services])
  const start = BigInt(trace.startTimeUnixNano)
  const exact = formatExactTime(start)
  return (
    <tr aria-current={shown ? 'true' : undefined}>
      <td className="trace-name">
        <a
          href={selectionHref(page, { traceId: trace.traceId, spanId: undefined })}
          data-trace-id={trace.traceId}
          title={plainName(trace.name)}
          tabIndex={inTabOrder ? 0 : -1}
          onClick={pick}
        >
          <Name text={trace.name} />
        </a>
        <span className="trace-services">
          {[...services].map((service) => (
            <span key={service} className="service">
              <span className="swatch" style={{ '--service': serviceColour(service) }} />
              <Name text={service} />
            </span>
          ))}
          {!trace.hasRoot && <span>no root yet</span>}
          {clockNote && (
            <span className="badge badge-warn">
              <Name text={clockNote} />
            </span>
          )}
        </span>
      </td>
      <td>
        <time dateTime={new Date(trace.arrivedAt).toISOString()} title={bothTimes(trace.arrivedAt)}>
          {formatArrival(trace.arrivedAt)}
        </time>
      </td>
      <td>
        <time
          dateTime={exact}
          title={exact === undefined ? undefined : bothTimes(Number(start / 1_000_000n))}
        >
          {startText(start)}
        </time>
      </td>
      <td>{formatDuration(BigInt(trace.durationNano))}</td>
      <td>
        {trace.spanCount}
        <span className="narrow-only"> {trace.spanCount === 1 ? 'span' : 'spans'}</span>
      </td>
      <td className={trace.errorCount > 0 ? 'error-text' : 'no-errors'}>
        {trace.errorCount}
        <span className="narrow-only"> {trace.errorCount === 1 ? 'error' : 'errors'}</span>
      </td>
    </tr>
  )
})

/** Any 64-bit number can come, and not each of them is a date. */
function startText(nanos: bigint): string {
  return formatExactTime(nanos) === undefined
    ? 'not known'
    : formatArrival(Number(nanos / 1_000_000n))
}
