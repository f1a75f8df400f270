import type { AttributeValue, Span } from '@pingtrace/otlp'
import type { AttributeField, Field, Intrinsic } from './ast.ts'
import { serviceName } from './fields.ts'

/** A span as conditions look at it. Whoever stores spans can answer some fields without reading. */
export interface QuerySpan {
  readonly spanId: string
  /** Undefined for a root. */
  readonly parentSpanId: string | undefined
  /**
   * What the field is on this span: no value when it is missing, one for each of its events or links
   * for a field of those; durations in nanoseconds. Undefined while it is not known.
   */
  values(field: Field): readonly AttributeValue[] | undefined
}

/** All spans of a trace, as conditions look at them. */
export function viewTrace(spans: readonly Span[]): QuerySpan[] {
  const traceValue = traceValues(spans)
  return spans.map((span) => ({
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    values: (field) => spanValues(span, field) ?? traceValue(field, span.spanId),
  }))
}

/** Of the fields that the span alone can answer; undefined for those of its trace. */
export function spanValues(span: Span, field: Field): readonly AttributeValue[] | undefined {
  return field.kind === 'attribute' ? attributeValues(span, field) : readers[field.name]?.(span)
}

type Reader = (span: Span) => AttributeValue[]

const readers: Partial<Record<Intrinsic, Reader>> = {
  name: ({ name }) => [name],
  duration: ({ start, end }) => [end - start],
  status: ({ status }) => [status.code],
  statusMessage: ({ status }) => [status.message],
  kind: ({ kind }) => [kind],
  'span:id': ({ spanId }) => [spanId],
  'span:parentID': ({ parentSpanId }) => [parentSpanId ?? ''],
  'trace:id': ({ traceId }) => [traceId],
  'event:name': ({ events }) => events.map(({ name }) => name),
  'event:timeSinceStart': ({ events, start }) => events.map(({ time }) => time - start),
  'link:traceID': ({ links }) => links.map(({ traceId }) => traceId),
  'link:spanID': ({ links }) => links.map(({ spanId }) => spanId),
  'instrumentation:name': ({ scope }) => [scope.name],
  'instrumentation:version': ({ scope }) => [scope.version],
}

function attributeValues(span: Span, { scope, name }: AttributeField): AttributeValue[] {
  switch (scope) {
    case 'span':
      return own(span, name)
    case 'resource':
      return ofResource(span, name)
    case 'event':
      return span.events.flatMap((event) => own(event, name))
    case 'link':
      return span.links.flatMap((link) => own(link, name))
    case 'any': {
      const values = own(span, name)
      return values.length > 0 ? values : ofResource(span, name)
    }
  }
}

function ofResource(span: Span, name: string): AttributeValue[] {
  return name === serviceName ? [span.service] : own({ attributes: span.resource }, name)
}

/** An empty value is no value. The keys are strangers': `constructor` may be one, or not. */
function own({ attributes }: Pick<Span, 'attributes'>, name: string): AttributeValue[] {
  const value = Object.hasOwn(attributes, name) ? attributes[name]! : null
  return value === null ? [] : [value]
}

/** Fields that are of the trace, or that take all of it; counted once for all of its spans. */
function traceValues(spans: readonly Span[]): (field: Field, spanId: string) => AttributeValue[] {
  const root = spans
    .filter(({ parentSpanId }) => parentSpanId === undefined)
    .reduce<Span | undefined>(
      (first, span) => (first && first.start <= span.start ? first : span),
      undefined,
    )
  const children = new Map<string, number>()
  for (const { parentSpanId } of spans) {
    if (parentSpanId !== undefined)
      children.set(parentSpanId, (children.get(parentSpanId) ?? 0) + 1)
  }
  const duration = durationOf(spans)
  return (field, spanId) => {
    switch (field.name) {
      case 'trace:duration':
        return [duration]
      case 'trace:rootName':
        return root === undefined ? [] : [root.name]
      case 'trace:rootService':
        return root === undefined ? [] : [root.service]
      case 'span:childCount':
        return [children.get(spanId) ?? 0]
      default:
        return []
    }
  }
}

/** From the earliest start that was given to the latest end, as in TraceSummary. */
function durationOf(spans: readonly Span[]): bigint {
  let start = 0n
  let end = 0n
  for (const span of spans) {
    if (span.start !== 0n && (start === 0n || span.start < start)) start = span.start
    if (span.end > end) end = span.end
  }
  return end > start ? end - start : 0n
}
