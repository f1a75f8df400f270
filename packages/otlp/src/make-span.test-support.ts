import type { Span } from './span.ts'

/** Nanoseconds since the Unix epoch of so many milliseconds after some moment in 2026. */
export const at = (millis: number): bigint =>
  1_795_435_200_000_000_000n + BigInt(Math.round(millis * 1e6))

/** A healthy span of 10 ms for tests: only what a test is about has to be said. */
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
