/**
 * The wire table of OTLP traces: opentelemetry-proto v1.11.0, collector/trace/v1/trace_service.proto,
 * trace/v1/trace.proto, resource/v1/resource.proto and common/v1/common.proto. Fields in development
 * (`Resource.entity_refs`) or for profiles only are left out, so they are skipped like unknown ones.
 */
import { MessageType } from './message-type.ts'

/**
 * How deep messages may nest, the request itself being 0: protobuf's own limit in C++ and Java.
 * Only AnyValue nests without end, and each level of it costs a reader's stack.
 */
export const MAX_DEPTH = 100

export const anyValue = new MessageType('AnyValue', { oneof: true })
const arrayValue = new MessageType('ArrayValue')
const keyValueList = new MessageType('KeyValueList')

export const keyValue = new MessageType('KeyValue')
  .field(1, 'key', 'string')
  .field(2, 'value', anyValue)

anyValue
  .field(1, 'stringValue', 'string')
  .field(2, 'boolValue', 'bool')
  .field(3, 'intValue', 'int64')
  .field(4, 'doubleValue', 'double')
  .field(5, 'arrayValue', arrayValue)
  .field(6, 'kvlistValue', keyValueList)
  .field(7, 'bytesValue', 'bytes')

arrayValue.field(1, 'values', anyValue, 'repeated')
keyValueList.field(1, 'values', keyValue, 'repeated')

export const resource = new MessageType('Resource')
  .field(1, 'attributes', keyValue, 'repeated')
  .field(2, 'droppedAttributesCount', 'uint32')

export const instrumentationScope = new MessageType('InstrumentationScope')
  .field(1, 'name', 'string')
  .field(2, 'version', 'string')
  .field(3, 'attributes', keyValue, 'repeated')
  .field(4, 'droppedAttributesCount', 'uint32')

export const event = new MessageType('Span.Event')
  .field(1, 'timeUnixNano', 'fixed64')
  .field(2, 'name', 'string')
  .field(3, 'attributes', keyValue, 'repeated')
  .field(4, 'droppedAttributesCount', 'uint32')

export const link = new MessageType('Span.Link')
  .field(1, 'traceId', 'traceId')
  .field(2, 'spanId', 'spanId')
  .field(3, 'traceState', 'string')
  .field(4, 'attributes', keyValue, 'repeated')
  .field(5, 'droppedAttributesCount', 'uint32')
  .field(6, 'flags', 'fixed32')

export const status = new MessageType('Status')
  .field(2, 'message', 'string')
  .field(3, 'code', 'enum')

export const span = new MessageType('Span')
  .field(1, 'traceId', 'traceId', 'always')
  .field(2, 'spanId', 'spanId', 'always')
  .field(3, 'traceState', 'string')
  .field(4, 'parentSpanId', 'spanId')
  .field(5, 'name', 'string', 'always')
  .field(6, 'kind', 'enum')
  .field(7, 'startTimeUnixNano', 'fixed64', 'always')
  .field(8, 'endTimeUnixNano', 'fixed64', 'always')
  .field(9, 'attributes', keyValue, 'repeated')
  .field(10, 'droppedAttributesCount', 'uint32')
  .field(11, 'events', event, 'repeated')
  .field(12, 'droppedEventsCount', 'uint32')
  .field(13, 'links', link, 'repeated')
  .field(14, 'droppedLinksCount', 'uint32')
  .field(15, 'status', status)
  .field(16, 'flags', 'fixed32')

export const scopeSpans = new MessageType('ScopeSpans')
  .field(1, 'scope', instrumentationScope)
  .field(2, 'spans', span, 'repeated')
  .field(3, 'schemaUrl', 'string')

export const resourceSpans = new MessageType('ResourceSpans')
  .field(1, 'resource', resource)
  .field(2, 'scopeSpans', scopeSpans, 'repeated')
  .field(3, 'schemaUrl', 'string')

export const exportTraceServiceRequest = new MessageType('ExportTraceServiceRequest').field(
  1,
  'resourceSpans',
  resourceSpans,
  'repeated',
)
