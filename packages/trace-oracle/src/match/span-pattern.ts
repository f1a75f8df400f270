import type { AttributeValue, Span, SpanKind } from '@pingtrace/otlp'

/** What a span must be like; what is left out may be anything. */
export interface SpanPattern {
  name: string | RegExp
  service?: string | RegExp
  kind?: SpanKind
  /**
   * These at least. Numbers are compared as numbers, whatever their type in OTLP; a RegExp is tried
   * on texts; `expect.any(String)` and the like work.
   */
  attributes?: Record<string, unknown>
  /** Whether its status is an error; a text is what `error.type` must say. */
  error?: boolean | string
}

/** A span with what is below it. */
export interface SpanTree extends SpanPattern {
  /** False when left out: an error that nobody expects is none that may pass. */
  error?: boolean | string
  /** All of them, in any order; none when left out. */
  children?: SpanTree[]
  /** There may be others besides those. */
  otherChildren?: boolean
}

export function fits(span: Span, pattern: SpanPattern): boolean {
  return fitsName(span, pattern) && differences(span, pattern).length === 0
}

export function fitsName({ name }: Span, pattern: SpanPattern): boolean {
  return matches(name, pattern.name)
}

/** In what a span of the right name is not as it should be, in words. */
export function differences(span: Span, pattern: SpanPattern): string[] {
  const found: string[] = []
  const differs = (what: string, is: unknown, expected: unknown) =>
    found.push(`${what} is ${show(is)}, not ${show(expected)}`)
  const { service, kind, attributes = {}, error } = pattern
  if (service !== undefined && !matches(span.service, service)) {
    differs('service', span.service, service)
  }
  if (kind !== undefined && span.kind !== kind) differs('kind', span.kind, kind)
  const isError = span.status.code === 'error'
  if (error !== undefined && isError !== (error !== false)) {
    const why = [span.attributes['error.type'], span.status.message].filter(Boolean).map(show)
    found.push(isError ? ['it is an error', ...why].join(': ') : 'it is no error')
  } else if (typeof error === 'string' && span.attributes['error.type'] !== error) {
    differs('error.type', span.attributes['error.type'], error)
  }
  for (const [key, expected] of Object.entries(attributes)) {
    const value = span.attributes[key]
    if (!fitsValue(value, expected)) differs(key, value, expected)
  }
  return found
}

function matches(text: string, expected: string | RegExp): boolean {
  // A copy, because one with the flag g or y goes on where it last ended.
  return typeof expected === 'string' ? text === expected : new RegExp(expected).test(text)
}

function fitsValue(value: AttributeValue | undefined, expected: unknown): boolean {
  if (isAsymmetric(expected)) return expected.asymmetricMatch(value)
  if (expected instanceof RegExp) return typeof value === 'string' && matches(value, expected)
  if (isNumeric(value) && isNumeric(expected)) return `${value}` === `${expected}` // 200n and 200
  if (Array.isArray(value) && Array.isArray(expected)) {
    return value.length === expected.length && value.every((v, i) => fitsValue(v, expected[i]))
  }
  return Object.is(value, expected)
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

/** `expect.any(String)` of Playwright, vitest and jest. */
function isAsymmetric(value: unknown): value is { asymmetricMatch(other: unknown): boolean } {
  return typeof value === 'object' && value !== null && 'asymmetricMatch' in value
}

/** A value for people. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof RegExp || isAsymmetric(value)) return String(value)
  if (typeof value === 'object' && value !== null) {
    return JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? Number(item) : item))
  }
  return value === undefined ? 'missing' : String(value)
}
