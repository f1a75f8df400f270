/** Test material: any OTLP JSON at all, in the form that the decoder answers. */
import type { AnyValue, KeyValue, OtlpSpan, TracesData } from '@pingtrace/otlp'
import fc from 'fast-check'

const hexDigit = fc.constantFrom(...'0123456789abcdef')
const id = (length: number) =>
  fc
    .string({ unit: hexDigit, minLength: length, maxLength: length })
    .filter((digits) => /[^0]/.test(digits))
const text = fc.string({ unit: 'binary' })
const filled = fc.string({ unit: 'binary', minLength: 1 })
const count = fc.integer({ min: 1, max: 2 ** 32 - 1 })
const enumeration = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).filter((n) => n !== 0)
const nanos = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)
const laterNanos = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map(String)
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)
const base64 = fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64'))
const double = fc.oneof(
  // JSON.stringify writes -0 as 0.
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  fc.constantFrom('NaN' as const, 'Infinity' as const, '-Infinity' as const),
)

/** Lists are absent rather than empty: protobuf cannot tell the two apart. */
const some = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 1, maxLength: 3 })
const partial = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields, { requiredKeys: [] })

const { keyValue } = fc.letrec<{ keyValue: KeyValue; value: AnyValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'value' },
    fc.constant({}),
    fc.record({ stringValue: text }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: int64 }),
    fc.record({ doubleValue: double }),
    fc.record({ bytesValue: base64 }),
    fc.record({ arrayValue: partial({ values: some(tie('value')) }) }),
    fc.record({ kvlistValue: partial({ values: some(tie('keyValue')) }) }),
  ),
  keyValue: partial({
    key: fc.oneof(filled, fc.constantFrom('__proto__', 'constructor', 'service.name')),
    value: tie('value'),
  }),
}))
const attributes = some(keyValue)

const event = partial({
  timeUnixNano: laterNanos,
  name: filled,
  attributes,
  droppedAttributesCount: count,
})
const link = partial({
  traceId: id(32),
  spanId: id(16),
  traceState: filled,
  attributes,
  droppedAttributesCount: count,
  flags: count,
})
const span: fc.Arbitrary<OtlpSpan> = fc.record(
  {
    traceId: id(32),
    spanId: id(16),
    traceState: filled,
    parentSpanId: id(16),
    flags: count,
    name: text,
    kind: enumeration,
    startTimeUnixNano: nanos,
    endTimeUnixNano: nanos,
    attributes,
    droppedAttributesCount: count,
    events: some(event),
    droppedEventsCount: count,
    links: some(link),
    droppedLinksCount: count,
    status: partial({ message: filled, code: enumeration }),
  },
  { requiredKeys: ['traceId', 'spanId', 'name', 'startTimeUnixNano', 'endTimeUnixNano'] },
)
const resource = partial({ attributes, droppedAttributesCount: count })
const scope = partial({ name: filled, version: filled, attributes, droppedAttributesCount: count })
const scopeSpans = partial({ scope, spans: some(span), schemaUrl: filled })
const resourceSpans = partial({ resource, scopeSpans: some(scopeSpans), schemaUrl: filled })

export const arbitraryTraces: fc.Arbitrary<TracesData> = partial({
  resourceSpans: some(resourceSpans),
})
