import type { Span } from '@pingtrace/otlp'
import { networkGap } from '@pingtrace/trace-facts'
import type { TimeRange, TraceNode } from '@pingtrace/trace-tree'
import { type Axis, placeBar, placeMoments, placeParts } from './axis.ts'
import { CallSegments } from './CallTimes.tsx'
import { serviceColour } from './service-colours.ts'

interface RowTrackProps {
  node: TraceNode
  axis: Axis
  /** What of its time is on the critical path, where that is to be seen. */
  critical: readonly TimeRange[] | undefined
}

/**
 * What a row has on the time axis, what is drawn later over what is drawn earlier. Whatever else is
 * to be seen of a span's time is one more element here, placed by `placeBar`.
 */
export function RowTrack({ node, axis, critical }: RowTrackProps) {
  const { span } = node
  const gap = networkGap(node)
  return (
    <span className="row-track">
      {span && <Bar span={span} axis={axis} />}
      {critical && <Critical parts={critical} axis={axis} />}
      {gap && (
        <span className="row-gap">
          <CallSegments gap={gap} axis={axis} />
        </span>
      )}
      {span && <Events span={span} axis={axis} />}
    </span>
  )
}

function Bar({ span, axis }: { span: Span; axis: Axis }) {
  const { left, width } = placeBar(axis, span.start, span.end)
  return (
    <span
      className="bar"
      style={{
        insetInlineStart: `${left}%`,
        inlineSize: `${width}%`,
        '--service': serviceColour(span.service),
      }}
    />
  )
}

function Critical({ parts, axis }: { parts: readonly TimeRange[]; axis: Axis }) {
  return placeParts(axis, parts).map(({ left, width }) => (
    <span
      key={left}
      className="bar-critical"
      style={{ insetInlineStart: `${left}%`, inlineSize: `${width}%` }}
    />
  ))
}

function Events({ span, axis }: { span: Span; axis: Axis }) {
  const places = placeMoments(
    axis,
    span.events.map(({ time }) => time),
  )
  return places.map((place) => (
    <span key={place} className="bar-event" style={{ insetInlineStart: `${place}%` }} />
  ))
}
