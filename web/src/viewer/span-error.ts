import type { AttributeValue, Span } from '@pingtrace/otlp'

/**
 * What went wrong in a span, in words; undefined when nothing did, empty when nobody says what.
 *
 * Senders say it in three places: the status, an exception event, and the attribute `error.type`,
 * which for HTTP holds the status code (semantic conventions, "Recording errors").
 */
export function spanError(span: Span): string | undefined {
  if (span.status.code !== 'error') return undefined
  const exception = span.events.findLast((event) => event.name === 'exception')?.attributes
  return (
    span.status.message ||
    text(exception?.['exception.message']) ||
    text(exception?.['exception.type']) ||
    text(span.attributes['error.type']).replace(/^\d{3}$/, 'HTTP $&')
  )
}

function text(value: AttributeValue | undefined): string {
  return typeof value === 'string' ? value : ''
}
