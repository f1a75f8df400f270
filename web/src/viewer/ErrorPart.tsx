import type { AttributeValue, Span, SpanEvent } from '@pingtrace/otlp'
import { CopyButton } from './CopyButton.tsx'
import { count } from './format.ts'
import { spanError } from './span-error.ts'
import { stackParts } from './stack-frames.ts'
import { LongText, Name } from './Text.tsx'
import './ErrorPart.css'

/** What went wrong in a span: its status, and each exception with its stack. */
export function ErrorPart({ span }: { span: Span }) {
  const error = spanError(span)
  const exceptions = span.events.filter(isException)
  if (error === undefined && exceptions.length === 0) return null
  return (
    <section className="detail-error" aria-label="Error">
      {error !== undefined && (
        <p className="error-text">
          <LongText text={error || 'It failed, and does not say why.'} />
        </p>
      )}
      {exceptions.map((event, index) => (
        <Exception key={`${index}`} event={event} said={error} />
      ))}
    </section>
  )
}

export function isException({ name }: SpanEvent): boolean {
  return name === 'exception'
}

/** The attributes of an exception event that `ErrorPart` shows. */
export const exceptionAttributes = [
  'exception.type',
  'exception.message',
  'exception.stacktrace',
] as const

function Exception({ event, said }: { event: SpanEvent; said: string | undefined }) {
  const [type, message, stack] = exceptionAttributes.map((name) => text(event.attributes[name]))
  return (
    <div className="exception">
      <p>
        <strong>
          <Name text={type || 'exception'} />
        </strong>
        {message && message !== said && (
          <>
            {': '}
            <LongText text={message} />
          </>
        )}
        {stack && <CopyButton text={stack} what="stack trace" />}
      </p>
      {stack && <Stack stack={stack} />}
    </div>
  )
}

/** Frames of libraries and of the runtime are folded, so that one's own come first. */
function Stack({ stack }: { stack: string }) {
  return (
    <div className="stack">
      {stackParts(stack).map(({ kind, lines }, index) =>
        kind === 'foreign' ? (
          <details key={`${index}`}>
            <summary>{count(lines.length, 'line')} of libraries and the runtime</summary>
            <pre>
              <LongText text={lines.join('\n')} />
            </pre>
          </details>
        ) : (
          <pre key={`${index}`} data-kind={kind}>
            <LongText text={lines.join('\n')} />
          </pre>
        ),
      )}
    </div>
  )
}

function text(value: AttributeValue | undefined): string {
  return typeof value === 'string' ? value : ''
}
