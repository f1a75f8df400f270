import type { OtlpSpan, ResourceSpans, Span } from '@pingtrace/otlp'
import { readSpans } from '@pingtrace/otlp'

export const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'

/** One span as the collector would send it. */
export function wireSpan(span: OtlpSpan, service = 'pingtrace-api'): ResourceSpans {
  return {
    resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
    scopeSpans: [
      { spans: [{ traceId, startTimeUnixNano: '1', endTimeUnixNano: '2', name: 'span', ...span }] },
    ],
  }
}

/** The same, as readers have it. */
export function makeSpan(span: OtlpSpan, service?: string): Span {
  return readSpans({ resourceSpans: [wireSpan(span, service)] })[0]!
}
