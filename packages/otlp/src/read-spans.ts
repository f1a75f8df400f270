import type { AnyValue, KeyValue, OtlpSpan, TracesData } from './otlp-json.ts'
import type { Attributes, AttributeValue, Span, SpanKind, StatusCode } from './span.ts'

const kinds: SpanKind[] = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']
const statusCodes: StatusCode[] = ['unset', 'ok', 'error']

/** The spans of OTLP JSON, flat, in document order, each with its resource and scope. */
export function readSpans(data: TracesData): Span[] {
  const spans: Span[] = []
  for (const { resource, scopeSpans } of data.resourceSpans ?? []) {
    const resourceAttributes = readAttributes(resource?.attributes)
    const name = resourceAttributes['service.name']
    const origin = {
      resource: resourceAttributes,
      service: typeof name === 'string' && name !== '' ? name : 'unknown_service',
    }
    for (const { scope, spans: wire } of scopeSpans ?? []) {
      const scopeName = { name: scope?.name ?? '', version: scope?.version ?? '' }
      for (const span of wire ?? []) spans.push({ ...readSpan(span), ...origin, scope: scopeName })
    }
  }
  return spans
}

function readSpan(span: OtlpSpan): Omit<Span, 'resource' | 'service' | 'scope'> {
  return {
    traceId: span.traceId ?? '',
    spanId: span.spanId ?? '',
    parentSpanId: span.parentSpanId || undefined,
    name: span.name ?? '',
    kind: kinds[span.kind ?? 0] ?? 'unspecified',
    start: BigInt(span.startTimeUnixNano ?? 0),
    end: BigInt(span.endTimeUnixNano ?? 0),
    status: {
      code: statusCodes[span.status?.code ?? 0] ?? 'unset',
      message: span.status?.message ?? '',
    },
    attributes: readAttributes(span.attributes),
    events: (span.events ?? []).map((event) => ({
      name: event.name ?? '',
      time: BigInt(event.timeUnixNano ?? 0),
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

/** A prototype-less map, because keys are a stranger's: `__proto__` is a key like any other. */
function readAttributes(list: KeyValue[] | undefined): Attributes {
  const attributes: Attributes = Object.create(null)
  for (const { key, value } of list ?? []) attributes[key ?? ''] = readValue(value)
  return attributes
}

function readValue(value: AnyValue | undefined): AttributeValue {
  if (value?.stringValue !== undefined) return value.stringValue
  if (value?.boolValue !== undefined) return value.boolValue
  if (value?.intValue !== undefined) return BigInt(value.intValue)
  if (value?.doubleValue !== undefined) return Number(value.doubleValue)
  if (value?.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(readValue)
  if (value?.kvlistValue !== undefined) return readAttributes(value.kvlistValue.values)
  if (value?.bytesValue !== undefined) return value.bytesValue
  return null
}
