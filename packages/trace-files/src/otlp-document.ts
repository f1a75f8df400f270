import type {
  AnyValue,
  InstrumentationScope,
  KeyValue,
  OtlpEvent,
  OtlpLink,
  OtlpSpan,
  OtlpStatus,
  Resource,
  ResourceSpans,
  ScopeSpans,
  TracesData,
} from '@pingtrace/otlp'
import { type Cursor, type Fields, given } from './cursor.ts'

/** As deep as a protobuf parser goes; a value nested deeper was made to overflow somebody's stack. */
const maxDepth = 100

/** By their numbers in trace.proto; protobuf's own JSON writes the names. */
const kinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map(
  (name) => `SPAN_KIND_${name}`,
)
const codes = ['UNSET', 'OK', 'ERROR'].map((name) => `STATUS_CODE_${name}`)

/**
 * OTLP's JSON encoding, checked: opentelemetry-proto v1, docs/specification.md. Fields that it does
 * not know are left out, as the specification asks.
 * @throws ShapeError
 */
export function readOtlp(cursor: Cursor, document: Fields): TracesData {
  return {
    resourceSpans: cursor.list(document, 'resourceSpans', (fields) =>
      given<ResourceSpans>({
        resource: cursor.object(fields, 'resource', (resource) => readResource(cursor, resource)),
        scopeSpans: cursor.list(fields, 'scopeSpans', (scope) => readScopeSpans(cursor, scope)),
        schemaUrl: cursor.text(fields, 'schemaUrl'),
      }),
    ),
  }
}

function readResource(cursor: Cursor, fields: Fields): Resource {
  return given<Resource>({
    attributes: readAttributes(cursor, fields),
    droppedAttributesCount: cursor.number(fields, 'droppedAttributesCount'),
  })
}

function readScopeSpans(cursor: Cursor, fields: Fields): ScopeSpans {
  return given<ScopeSpans>({
    scope: cursor.object(fields, 'scope', (scope) =>
      given<InstrumentationScope>({
        name: cursor.text(scope, 'name'),
        version: cursor.text(scope, 'version'),
        attributes: readAttributes(cursor, scope),
        droppedAttributesCount: cursor.number(scope, 'droppedAttributesCount'),
      }),
    ),
    spans: cursor.list(fields, 'spans', (span) => readSpan(cursor, span)),
    schemaUrl: cursor.text(fields, 'schemaUrl'),
  })
}

function readSpan(cursor: Cursor, fields: Fields): OtlpSpan {
  return given<OtlpSpan>({
    traceId: cursor.required('traceId', cursor.hex(fields, 'traceId', 32)),
    spanId: cursor.required('spanId', cursor.hex(fields, 'spanId', 16)),
    traceState: cursor.text(fields, 'traceState'),
    parentSpanId: cursor.hex(fields, 'parentSpanId', 16),
    flags: cursor.number(fields, 'flags'),
    name: cursor.text(fields, 'name'),
    kind: readEnum(cursor, fields, 'kind', kinds),
    startTimeUnixNano: cursor.integer(fields, 'startTimeUnixNano'),
    endTimeUnixNano: cursor.integer(fields, 'endTimeUnixNano'),
    attributes: readAttributes(cursor, fields),
    droppedAttributesCount: cursor.number(fields, 'droppedAttributesCount'),
    events: cursor.list(fields, 'events', (event) =>
      given<OtlpEvent>({
        timeUnixNano: cursor.integer(event, 'timeUnixNano'),
        name: cursor.text(event, 'name'),
        attributes: readAttributes(cursor, event),
        droppedAttributesCount: cursor.number(event, 'droppedAttributesCount'),
      }),
    ),
    droppedEventsCount: cursor.number(fields, 'droppedEventsCount'),
    links: cursor.list(fields, 'links', (link) =>
      given<OtlpLink>({
        traceId: cursor.hex(link, 'traceId', 32),
        spanId: cursor.hex(link, 'spanId', 16),
        traceState: cursor.text(link, 'traceState'),
        attributes: readAttributes(cursor, link),
        droppedAttributesCount: cursor.number(link, 'droppedAttributesCount'),
        flags: cursor.number(link, 'flags'),
      }),
    ),
    droppedLinksCount: cursor.number(fields, 'droppedLinksCount'),
    status: cursor.object(fields, 'status', (status) =>
      given<OtlpStatus>({
        message: cursor.text(status, 'message'),
        code: readEnum(cursor, status, 'code', codes),
      }),
    ),
  })
}

function readEnum(cursor: Cursor, fields: Fields, key: string, names: readonly string[]) {
  const value = fields[key]
  const named = typeof value === 'string' ? names.indexOf(value) : -1
  return named === -1 ? cursor.number(fields, key) : named
}

function readAttributes(cursor: Cursor, fields: Fields, depth = 0, key = 'attributes'): KeyValue[] {
  return cursor.list(fields, key, (attribute) =>
    given<KeyValue>({
      key: cursor.text(attribute, 'key'),
      value: cursor.object(attribute, 'value', (value) => readValue(cursor, value, depth)),
    }),
  )
}

function readValue(cursor: Cursor, fields: Fields, depth: number): AnyValue {
  if (depth > maxDepth) return cursor.fail('is nested too deeply')
  return given<AnyValue>({
    stringValue: cursor.text(fields, 'stringValue'),
    boolValue: readBoolean(cursor, fields),
    intValue: cursor.integer(fields, 'intValue'),
    doubleValue: readDouble(cursor, fields),
    arrayValue: cursor.object(fields, 'arrayValue', (list) => ({
      values: cursor.list(list, 'values', (item) => readValue(cursor, item, depth + 1)),
    })),
    kvlistValue: cursor.object(fields, 'kvlistValue', (map) => ({
      values: readAttributes(cursor, map, depth + 1, 'values'),
    })),
    bytesValue: cursor.text(fields, 'bytesValue'),
  })
}

function readBoolean(cursor: Cursor, { boolValue }: Fields): boolean | undefined {
  if (boolValue === undefined || boolValue === null) return undefined
  if (typeof boolValue === 'boolean') return boolValue
  return cursor.at('boolValue', () => cursor.fail('must be true or false'))
}

/** protobuf's JSON has texts for what JSON cannot write, and takes numbers in texts. */
function readDouble(cursor: Cursor, { doubleValue }: Fields): AnyValue['doubleValue'] {
  if (doubleValue === undefined || doubleValue === null) return undefined
  if (typeof doubleValue === 'number') return doubleValue
  if (doubleValue === 'NaN' || doubleValue === 'Infinity' || doubleValue === '-Infinity') {
    return doubleValue
  }
  const number = typeof doubleValue === 'string' && doubleValue !== '' ? Number(doubleValue) : NaN
  if (!Number.isNaN(number)) return number
  return cursor.at('doubleValue', () => cursor.fail('must be a number'))
}
