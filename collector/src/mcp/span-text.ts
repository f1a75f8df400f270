import type { Attributes, AttributeValue, Span } from '@pingtrace/otlp'
import { milliseconds, quoted, statusText } from './trace-text.ts'

/** Longer values are cut: a document in an attribute would fill an agent's memory. */
const longestValue = 2_000

/** All that a span says, a line each. */
export function spanText(span: Span): string {
  const parent = span.parentSpanId === undefined ? 'a root' : `child of ${span.parentSpanId}`
  return [
    `${quoted(span.name)} (${quoted(span.service)}, ${span.kind}, ${span.spanId}), ${parent}${statusText(span)}`,
    `start ${span.start} ns since the epoch, duration ${milliseconds(span.end - span.start)}`,
    ...section('attributes', span.attributes),
    ...span.events.flatMap((event) =>
      section(
        `event ${quoted(event.name)} +${milliseconds(event.time - span.start)}`,
        event.attributes,
      ),
    ),
    ...span.links.flatMap((link) =>
      section(`link to span ${link.spanId} of trace ${link.traceId}`, link.attributes),
    ),
    ...section('resource', span.resource),
    `scope ${quoted(span.scope.name)} ${quoted(span.scope.version)}`,
  ].join('\n')
}

function section(title: string, attributes: Attributes): string[] {
  const lines = Object.entries(attributes).map(
    ([key, value]) => `  ${quoted(key)}: ${valueText(value)}`,
  )
  return [`${title}:`, ...(lines.length === 0 ? ['  none'] : lines)]
}

/** JSON, with 64-bit integers as plain numbers. */
function valueText(value: AttributeValue): string {
  const json = JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? `${each}` : each))
  return json.length > longestValue ? `${json.slice(0, longestValue)}… (cut)` : json
}
