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
  const byId = new Map<string, Span>()
  const versionsOf = new Map<string, SpanVersions>()
  for (const span of spans) {
    const id = span.spanId
    const known = byId.get(id)
    if (known === undefined) byId.set(id, span)
    else if (!addVersion(versionsOf, known, span)) continue
    distinct.push(span)
  }
  return distinct
}

/** The spans of one id that say different things, by what they say: a sender may have made many. */
export class SpanVersions {
  readonly #byContent = new Map<string, Span>()

  /** @returns false when it says the same as one of them, which stays */
  add(span: Span): boolean {
    const content = spanContent(span)
    if (this.#byContent.has(content)) return false
    this.#byContent.set(content, span)
    return true
  }

  /** By start, then by what they say. */
  sorted(): Span[] {
    const entries = [...this.#byContent].sort(([a, { start }], [b, other]) =>
      start !== other.start ? (start < other.start ? -1 : 1) : a < b ? -1 : 1,
    )
    return entries.map(([, span]) => span)
  }
}

/**
 * Notes a further span of an id; nothing is kept of what is no more than a copy.
 * @param known the first of the id
 * @returns false when it is a copy
 */
export function addVersion(
  versionsOf: Map<string, SpanVersions>,
  known: Span,
  span: Span,
): boolean {
  const versions = versionsOf.get(span.spanId)
  if (versions !== undefined) return known !== span && versions.add(span)
  if (sameContent(known, span)) return false
  const both = new SpanVersions()
  both.add(known)
  both.add(span)
  versionsOf.set(span.spanId, both)
  return true
}

/** The same object is the common case when known spans are merged again: no text is made for it. */
function sameContent(a: Span, b: Span): boolean {
  return a === b || spanContent(a) === spanContent(b)
}

/**
 * Everything a span says, as text that is equal for equal spans only; attribute order says nothing.
 * Objects are the only ones to come out as `map`, so what is tagged cannot be taken for one.
 */
function spanContent(span: Span): string {
  return JSON.stringify(span, (_key, value: unknown) => {
    if (typeof value === 'bigint') return { int: `${value}` }
    if (typeof value === 'number' && !Number.isFinite(value)) return { double: `${value}` }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return { map: Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)) }
  })
}
