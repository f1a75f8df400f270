import type { Span } from '@pingtrace/otlp'

/** A span for tests: only what the test is about has to be said. */
export function makeSpan(known: Partial<Span> & Pick<Span, 'spanId'>): Span {
  return {
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    parentSpanId: undefined,
    name: known.spanId,
    kind: 'internal',
    start: 1n,
    end: 2n,
    status: { code: 'unset', message: '' },
    attributes: {},
    events: [],
    links: [],
    traceState: '',
    flags: 257,
    service: 'api',
    resource: {},
    scope: { name: '', version: '' },
    ...known,
  }
}
