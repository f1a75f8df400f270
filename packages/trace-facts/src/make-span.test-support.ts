import type { Span } from '@pingtrace/otlp'

/** Milliseconds after some moment of 2026, as span times are: nanoseconds since the Unix epoch. */
export function at(millis: number): bigint {
  return 1_790_000_000_000_000_000n + BigInt(Math.round(millis * 1_000_000))
}

/** A span for tests: only what the test is about has to be said. */
export function makeSpan(known: Partial<Span> & Pick<Span, 'spanId'>): Span {
  const service = known.service ?? 'api'
  return {
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    parentSpanId: undefined,
    name: known.spanId,
    kind: 'internal',
    start: at(0),
    end: at(10),
    status: { code: 'unset', message: '' },
    attributes: {},
    events: [],
    links: [],
    traceState: '',
    flags: 0,
    service,
    resource: { 'service.name': service },
    scope: { name: '', version: '' },
    ...known,
  }
}

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
