import type { Span } from '@pingtrace/otlp'
import { makeSpan } from '@pingtrace/otlp/test-support'

/** A call that was answered. */
export function makeCall(known: Partial<Span> & Pick<Span, 'spanId'>): Span {
  return makeSpan({
    service: 'web',
    kind: 'client',
    attributes: { 'http.response.status_code': 200n },
    ...known,
  })
}

export function makeServer(known: Partial<Span> & Pick<Span, 'spanId'>): Span {
  return makeSpan({ kind: 'server', ...known })
}
