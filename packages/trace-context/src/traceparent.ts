import { type SpanContext, TraceFlags } from '@opentelemetry/api'
import { parseTraceParent } from '@opentelemetry/core'

/** What a `traceparent` says, or why it says nothing; `header` is all of it, as it came. */
export type Traceparent =
  | { outcome: 'valid'; spanContext: SpanContext }
  | { outcome: 'absent' }
  | { outcome: 'malformed' | 'duplicated'; header: string }

/**
 * Reads a `traceparent` as it comes from a carrier (W3C Trace Context level 2, section 3.2).
 *
 * Where a header occurs twice, `Headers`, Hono's `c.req.header()` and Node's `req.headers` join the
 * values with a comma, as HTTP says (RFC 9110, section 5.3); other carriers give a list. Two parents
 * are no parent, even if they are equal, and no version of the header has a comma in its value: so a
 * comma means duplicated. Whitespace around the value is the HTTP parser's to remove.
 */
export function readTraceparent(value: string | readonly string[] | undefined): Traceparent {
  const lines = value === undefined ? [] : [value].flat()
  if (lines.length === 0) return { outcome: 'absent' }
  const header = lines.join(', ')
  if (header.includes(',')) return { outcome: 'duplicated', header }
  const spanContext = parseTraceParent(header)
  return spanContext ? { outcome: 'valid', spanContext } : { outcome: 'malformed', header }
}

/** Level 2's second flag: the trace id is random. `@opentelemetry/api` 1.9 has no name for it. */
export const RANDOM_FLAG = 0b10

/**
 * Writes a `traceparent` of version 00.
 * @param random 0 or RANDOM_FLAG. Flags other than these two must be written as zero.
 */
export function formatTraceparent(span: SpanContext, random: number): string {
  const flags = (span.traceFlags & TraceFlags.SAMPLED) | random
  return `00-${span.traceId}-${span.spanId}-0${flags}`
}
