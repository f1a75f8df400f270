import { emptyAttributes, maxDepth, serviceOf, tooDeep } from './attribute-map.ts'
import type { AnyValue, KeyValue, OtlpSpan, TracesData } from './otlp-json.ts'
import { type Attributes, type AttributeValue, type Span, spanKinds, statusCodes } from './span.ts'

/**
 * The spans of OTLP JSON, flat, in document order, each with its resource and scope.
 *
 * What the values are is the senders' business and nothing of it throws: a time or an integer
 * that is none becomes 0, an unknown kind `unspecified`, an unknown status `unset`. The document
 * itself (objects and lists where OTLP has them) is the collector's and is trusted.
 */
export function readSpans(data: TracesData): Span[] {
  const spans: Span[] = []
  for (const { resource, scopeSpans } of data.resourceSpans ?? []) {
    const resourceAttributes = readAttributes(resource?.attributes)
    const origin = { resource: resourceAttributes, service: serviceOf(resourceAttributes) }
    for (const { scope, spans: wire } of scopeSpans ?? []) {
      const scopeName = { name: scope?.name ?? '', version: scope?.version ?? '' }
      for (const span of wire ?? []) spans.push({ ...readSpan(span), ...origin, scope: scopeName })
    }
  }
  return spans
}

/** By number only: JSON may hold the name of an array's method where an enum belongs. */
function named<Name>(names: readonly Name[], value: unknown): Name | undefined {
  return typeof value === 'number' ? names[value] : undefined
}

function readSpan(span: OtlpSpan): Omit<Span, 'resource' | 'service' | 'scope'> {
  return {
    traceId: span.traceId ?? '',
    spanId: span.spanId ?? '',
    parentSpanId: span.parentSpanId || undefined,
    name: span.name ?? '',
    kind: named(spanKinds, span.kind) ?? 'unspecified',
    start: readInt(span.startTimeUnixNano),
    end: readInt(span.endTimeUnixNano),
    status: {
      code: named(statusCodes, span.status?.code) ?? 'unset',
      message: span.status?.message ?? '',
    },
    attributes: readAttributes(span.attributes),
    events: (span.events ?? []).map((event) => ({
      name: event.name ?? '',
      time: readInt(event.timeUnixNano),
      attributes: readAttributes(event.attributes),
    })),
    links: (span.links ?? []).map((link) => ({
      traceId: link.traceId ?? '',
      spanId: link.spanId ?? '',
      attributes: readAttributes(link.attributes),
    })),
    traceState: span.traceState ?? '',
    flags: span.flags ?? 0,
  }
}

/** OTLP JSON writes 64-bit integers as decimal strings; numbers are allowed as well. */
function readInt(value: string | number | undefined): bigint {
  return /^-?\d{1,20}$/.test(`${value}`) ? BigInt(value!) : 0n
}

function readAttributes(list: KeyValue[] | undefined, depth = 0): Attributes {
  const attributes = emptyAttributes()
  for (const { key, value } of list ?? []) attributes[key ?? ''] = readValue(value, depth)
  return attributes
}

/** What an attribute's value says; null when it says nothing. */
export function readValue(value: AnyValue | undefined, depth = 0): AttributeValue {
  if (depth > maxDepth) return tooDeep
  if (value?.stringValue !== undefined) return value.stringValue
  if (value?.boolValue !== undefined) return value.boolValue
  if (value?.intValue !== undefined) return readInt(value.intValue)
  if (value?.doubleValue !== undefined) return Number(value.doubleValue)
  if (value?.arrayValue !== undefined) {
    return (value.arrayValue.values ?? []).map((item) => readValue(item, depth + 1))
  }
  if (value?.kvlistValue !== undefined) return readAttributes(value.kvlistValue.values, depth + 1)
  if (value?.bytesValue !== undefined) return value.bytesValue
  return null
}
