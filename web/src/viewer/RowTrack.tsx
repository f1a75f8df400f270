import type { Span } from '@pingtrace/otlp'
import type { TraceNode } from '@pingtrace/trace-tree'
import { type Axis, placeBar } from './axis.ts'
import { serviceColour } from './service-colours.ts'

/**
 * What a row has on the time axis, what is drawn later over what is drawn earlier. Whatever else is
 * to be seen of a span's time is one more element here, placed by `placeBar`.
 */
export function RowTrack({ node, axis }: { node: TraceNode; axis: Axis }) {
  const { span } = node
  return (
    <span className="row-track">
      {span && <Bar span={span} axis={axis} />}
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

function Events({ span, axis }: { span: Span; axis: Axis }) {
  return span.events.map((event, index) => (
    <span
      // Events have no identity but their place.
      key={`${index}`}
      className="bar-event"
      style={{ insetInlineStart: `${placeBar(axis, event.time, event.time).left}%` }}
    />
  ))
}
