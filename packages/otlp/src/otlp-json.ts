/**
 * OTLP traces in their JSON encoding, as the collector answers and stores them.
 * Ids are lower-case hex, 64-bit integers are decimal strings, absent fields have their proto3
 * default. Source: opentelemetry-proto v1, trace.proto, common.proto, docs/specification.md.
 */
export interface TracesData {
  resourceSpans?: ResourceSpans[]
}

export interface ResourceSpans {
  resource?: Resource
  scopeSpans?: ScopeSpans[]
  schemaUrl?: string
}

export interface Resource {
  attributes?: KeyValue[]
  droppedAttributesCount?: number
}

export interface ScopeSpans {
  scope?: InstrumentationScope
  spans?: OtlpSpan[]
  schemaUrl?: string
}

export interface InstrumentationScope {
  name?: string
  version?: string
  attributes?: KeyValue[]
  droppedAttributesCount?: number
}

export interface OtlpSpan {
  /** 32 hex digits. */
  traceId?: string
  /** 16 hex digits. */
  spanId?: string
  traceState?: string
  /** 16 hex digits; absent or empty for a root. */
  parentSpanId?: string
  flags?: number
  name?: string
  /** 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind?: number
  startTimeUnixNano?: string | number
  endTimeUnixNano?: string | number
  attributes?: KeyValue[]
  droppedAttributesCount?: number
  events?: OtlpEvent[]
  droppedEventsCount?: number
  links?: OtlpLink[]
  droppedLinksCount?: number
  status?: OtlpStatus
}

export interface OtlpEvent {
  timeUnixNano?: string | number
  name?: string
  attributes?: KeyValue[]
  droppedAttributesCount?: number
}

export interface OtlpLink {
  traceId?: string
  spanId?: string
  traceState?: string
  attributes?: KeyValue[]
  droppedAttributesCount?: number
  flags?: number
}

export interface OtlpStatus {
  message?: string
  /** 0 unset, 1 ok, 2 error. */
  code?: number
}

export interface KeyValue {
  key?: string
  value?: AnyValue
}

/** Exactly one field is set; none means an empty value. */
export interface AnyValue {
  stringValue?: string
  boolValue?: boolean
  intValue?: string | number
  doubleValue?: number | 'NaN' | 'Infinity' | '-Infinity'
  arrayValue?: { values?: AnyValue[] }
  kvlistValue?: { values?: KeyValue[] }
  /** Base64. */
  bytesValue?: string
}
