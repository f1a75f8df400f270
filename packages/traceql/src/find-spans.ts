import type { Span } from '@pingtrace/otlp'
import { hitsOf, type Matcher } from './matcher.ts'
import { viewTrace } from './query-span.ts'

/** The spans of one trace that a query selects, in their order; none when it does not match. */
export function findSpans(matcher: Matcher, spans: readonly Span[]): Span[] {
  const views = viewTrace(spans)
  return matcher.select(views, hitsOf(matcher, views)).map((row) => spans[row]!)
}
