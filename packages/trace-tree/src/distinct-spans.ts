import type { Span } from '@pingtrace/otlp'

/**
 * Drops exact copies, keeping the first of each, in the order given.
 *
 * A sender that got no answer sends again, and a stream that is resumed may overlap: the same id
 * with the same content is one span. The same id with other content is odd, but it is data: all
 * versions stay (OTLP, docs/specification.md, "duplicate data").
 */
export function distinctSpans(spans: Iterable<Span>): Span[] {
  const distinct: Span[] = []
  const byId = new Map<string, Span[]>()
  for (const span of spans) {
    const versions = byId.get(span.spanId)
    if (versions?.some((version) => sameContent(version, span))) continue
    if (versions) versions.push(span)
    else byId.set(span.spanId, [span])
    distinct.push(span)
  }
  return distinct
}

/** The same object is the common case when known spans are merged again: no text is made for it. */
export function sameContent(a: Span, b: Span): boolean {
  return a === b || spanContent(a) === spanContent(b)
}

/**
 * Everything a span says, as text that is equal for equal spans only; attribute order says nothing.
 * Objects are the only ones to come out as `map`, so what is tagged cannot be taken for one.
 */
export function spanContent(span: Span): string {
  return JSON.stringify(span, (_key, value: unknown) => {
    if (typeof value === 'bigint') return { int: `${value}` }
    if (typeof value === 'number' && !Number.isFinite(value)) return { double: `${value}` }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return { map: Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)) }
  })
}
