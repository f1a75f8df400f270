import type { OtlpSpan, TracesData } from '@pingtrace/otlp'

/**
 * What every client in clients/ sends, word for word: one trace with all that OTLP can say of a span.
 * The order of attributes is nobody's business, and a client's SDK adds some to the resource.
 */
export const traceId = '0af7651916cd43dd8448eb211c80319c'

/** One past what a double holds. */
const beyond = '9007199254740993'
const at = (nanoseconds: number) => `1700000000${String(nanoseconds).padStart(9, '0')}`

const checkout: OtlpSpan = {
  traceId,
  spanId: '00000000000000a1',
  traceState: 'vendor=one,other=two',
  parentSpanId: 'b7ad6b7169203331',
  // Sampled; whether its parent is of another process is known, and it is.
  flags: 0x301,
  name: 'POST /checkout',
  kind: 2,
  startTimeUnixNano: at(1),
  endTimeUnixNano: at(250_000_002),
  attributes: [
    { key: 'text', value: { stringValue: 'ünï "quoted" \\ 絵 🎨' } },
    { key: 'empty', value: { stringValue: '' } },
    { key: 'yes', value: { boolValue: true } },
    { key: 'no', value: { boolValue: false } },
    { key: 'largest', value: { intValue: '9223372036854775807' } },
    { key: 'smallest', value: { intValue: '-9223372036854775808' } },
    { key: 'beyond', value: { intValue: beyond } },
    { key: 'half', value: { doubleValue: 0.5 } },
    { key: 'huge', value: { doubleValue: Number.MAX_VALUE } },
    {
      key: 'texts',
      value: { arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'ü' }] } },
    },
    {
      key: 'flags',
      value: { arrayValue: { values: [{ boolValue: true }, { boolValue: false }] } },
    },
    {
      key: 'numbers',
      value: {
        arrayValue: { values: [{ intValue: '1' }, { intValue: '-2' }, { intValue: beyond }] },
      },
    },
    {
      key: 'halves',
      value: { arrayValue: { values: [{ doubleValue: 0.5 }, { doubleValue: -1.25 }] } },
    },
    { key: 'bytes', value: { bytesValue: 'AP8Q' } },
    {
      key: 'map',
      value: {
        kvlistValue: {
          values: [
            { key: 'name', value: { stringValue: 'inner' } },
            {
              key: 'deep',
              value: { kvlistValue: { values: [{ key: 'yes', value: { boolValue: true } }] } },
            },
          ],
        },
      },
    },
    {
      key: 'mixed',
      value: {
        arrayValue: { values: [{ intValue: '1' }, { stringValue: 'two' }, { doubleValue: 0.5 }] },
      },
    },
  ],
  events: [
    {
      timeUnixNano: at(100_000_003),
      name: 'cart.priced',
      attributes: [
        { key: 'items', value: { intValue: beyond } },
        { key: 'currency', value: { stringValue: '€' } },
      ],
    },
    { timeUnixNano: at(100_000_004), name: 'cart.closed' },
  ],
  links: [
    {
      traceId: '1'.repeat(32),
      spanId: '2'.repeat(16),
      traceState: 'linked=yes',
      attributes: [{ key: 'why', value: { stringValue: 'retry' } }],
      flags: 0x301,
    },
  ],
  status: { message: 'card declined', code: 2 },
}

/** @param n the last digit of its id */
function child(n: number, name: string, kind: number, time: number): OtlpSpan {
  return {
    traceId,
    spanId: `00000000000000a${n}`,
    traceState: 'vendor=one,other=two',
    parentSpanId: '00000000000000a1',
    flags: 0x101,
    name,
    kind,
    startTimeUnixNano: at(time),
    endTimeUnixNano: at(time),
  }
}

const charge = { ...child(2, 'charge card', 3, 5), endTimeUnixNano: at(6), status: { code: 1 } }

export const sent: TracesData = {
  resourceSpans: [
    {
      resource: {
        attributes: [
          { key: 'service.name', value: { stringValue: 'shop' } },
          { key: 'shop.floors', value: { intValue: '3' } },
        ],
      },
      scopeSpans: [
        {
          scope: {
            name: 'shop.checkout',
            version: '1.2.3',
            attributes: [{ key: 'scope.kind', value: { stringValue: 'recorded' } }],
          },
          spans: [
            checkout,
            charge,
            child(3, 'add up', 1, 7),
            child(4, 'queue receipt', 4, 7),
            child(5, 'print receipt', 5, 7),
          ],
          schemaUrl: 'https://example.test/schema/1.0.0',
        },
      ],
    },
  ],
}
