import { readSpans, type TracesData } from '@pingtrace/otlp'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MalformedError } from '../consumer.ts'
import { arbitraryTraces } from './arbitrary-traces.ts'
import { decodeSpan, decodeTraces } from './decode.ts'
import { transcodeTraces } from './json-to-protobuf.ts'
import { encodeTraces, withDefaults } from './protobufjs.test-support.ts'
import { TracesScan } from './scan.ts'
import * as schema from './schema.ts'
import { asJson, asProtobuf, jsonRequest, realSpans } from './testing.ts'

const encode = (json: string) => new TextEncoder().encode(json)
const spanFrom = (members: string) => {
  const data = decodeTraces(transcodeTraces(encode(jsonRequest(members))))
  return data.resourceSpans![0]!.scopeSpans![0]!.spans![0]!
}
const valueFrom = (json: string) =>
  spanFrom(`"attributes":[{"value":${json}}]`).attributes![0]!.value

const spans = realSpans()

describe('against other encoders', () => {
  it('makes the bytes of protobufjs, in whatever order the names come, defaults or not', () => {
    fc.assert(
      fc.property(arbitraryTraces, anyOrder, fc.boolean(), (traces, order, written) => {
        const json = JSON.stringify(withDefaults(traces, written), inOrder(order))
        const expected = encodeTraces(withDefaults(traces, false))
        expect(Buffer.from(transcodeTraces(encode(json))).toString('hex')).toBe(
          Buffer.from(expected).toString('hex'),
        )
      }),
      { numRuns: 300 },
    )
  })

  it('says the same of attributes that repeat as of others, which blanks lead to', () => {
    const key = fc.constantFrom(
      'http.request.method',
      'http.request.size',
      'http.response.status_code',
    )
    const value = fc.oneof(
      fc.constantFrom('GET', 'PUT', 'POST', 'a text that makes it a little longer').map((text) => ({
        stringValue: text,
      })),
      fc.integer({ min: 0, max: 3 }).map((number) => ({ intValue: number })),
    )
    const attributes = fc.array(fc.record({ key, value }), { maxLength: 40 })
    fc.assert(
      fc.property(attributes, attributes, (ofSpan, ofEvent) => {
        // The short way needs bytes behind it.
        const name = 'x'.repeat(300)
        const span = { attributes: ofSpan, events: [{ attributes: ofEvent }], name }
        const request = { resourceSpans: [{ scopeSpans: [{ spans: [span, span] }] }] }
        const short = transcodeTraces(encode(JSON.stringify(request)))
        const long = transcodeTraces(encode(JSON.stringify(request, undefined, 1)))
        expect(Buffer.from(short).equals(long)).toBe(true)
      }),
    )
  })

  it('says the same of an attribute by the short way and by the long one, which blanks lead to', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.integer({ min: 95, max: 130 }).map((length) => 'x'.repeat(length)),
    )
    const integer = fc.oneof(fc.integer(), fc.integer({ min: 9_999_990, max: 1_000_000_010 }))
    const value = fc.oneof(
      text.map((stringValue) => ({ stringValue })),
      integer.map((intValue) => ({ intValue })),
      integer.map((number) => ({ intValue: String(number) })),
      text.map((key) => ({ arrayValue: { values: [{ stringValue: key }] } })),
    )
    fc.assert(
      fc.property(fc.array(fc.record({ key: text, value }), { maxLength: 8 }), (attributes) => {
        const traces = { resourceSpans: [{ resource: { attributes } }] }
        const [short, long] = [undefined, 1].map((indent) =>
          transcodeTraces(encode(JSON.stringify(traces, undefined, indent))),
        )
        expect(short).toEqual(long)
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    '{"key":"a","value":{"intValue":01}}',
    '{"key":"a","value":{"intValue":"7}}',
    '{"key":"a","value":{"intValue":7"}}',
    '{"key":"a","value":{"intValue":}}',
    '{"key":"a","value":{"stringValue":"b"}',
    '{"key":"a","value":{"stringValue":"b"}]',
    '{"key":"a","value":{"stringValue":"b',
    '{"key":"a","value":{"stringValue":b"}}',
  ])('refuses what only begins like a plain attribute: %s', (attribute) => {
    expect(() => spanFrom(`"attributes":[${attribute}]`)).toThrow(MalformedError)
  })

  it("says the same as the SDK's protobuf, in whatever order its JSON comes", () => {
    const fromJson = readSpans(decodeTraces(transcodeTraces(asJson(spans))))
    expect(fromJson).toEqual(readSpans(decodeTraces(asProtobuf(spans))))
  })

  it('keeps whatever OTLP can say', () => {
    const scan = new TracesScan()
    fc.assert(
      fc.property(arbitraryTraces, fc.constantFrom(0, 2), (traces: TracesData, indent) => {
        const bytes = transcodeTraces(encode(JSON.stringify(traces, undefined, indent)))
        scan.scan(bytes)
        expect(decodeTraces(bytes)).toEqual(traces)
      }),
      { numRuns: 300 },
    )
  })

  it("reads a request like opentelemetry-proto's examples/trace.json: ids in upper case, bare times", () => {
    const json = `{ "resourceSpans": [ {
      "resource": { "attributes": [ { "key": "service.name", "value": { "stringValue": "my.service" } } ] },
      "scopeSpans": [ {
        "scope": { "name": "my.library", "version": "1.0.0" },
        "spans": [ {
          "traceId": "5B8EFFF798038103D269B633813FC60C",
          "spanId": "EEE19B7EC3C1B174",
          "parentSpanId": "EEE19B7EC3C1B173",
          "name": "I'm a server span",
          "startTimeUnixNano": 1544712660123456789,
          "endTimeUnixNano": "1544712661000000000",
          "kind": 2
        } ] } ] } ] }`
    const [span] = readSpans(decodeTraces(transcodeTraces(encode(json))))
    expect(span).toMatchObject({
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: 'eee19b7ec3c1b174',
      parentSpanId: 'eee19b7ec3c1b173',
      name: "I'm a server span",
      kind: 'server',
      start: 1_544_712_660_123_456_789n,
      end: 1_544_712_661_000_000_000n,
      service: 'my.service',
      scope: { name: 'my.library', version: '1.0.0' },
    })
  })
})

describe('what it accepts', () => {
  it('an empty object, and nothing where nothing or null is said', () => {
    expect(transcodeTraces(encode(' {} '))).toHaveLength(0)
    expect(transcodeTraces(encode('{"resourceSpans":null}'))).toHaveLength(0)
    expect(transcodeTraces(encode('{"resourceSpans":[]}'))).toHaveLength(0)
    const nothing = decodeSpan(new Uint8Array())
    expect(spanFrom('"traceId":"","parentSpanId":"","spanId":null')).toEqual(nothing)
    expect(spanFrom('"name":null,"kind":null,"attributes":null,"status":null')).toEqual(nothing)
  })

  it('null in a list, which keeps its place', () => {
    expect(valueFrom('{"arrayValue":{"values":[null,{"intValue":1}]}}')).toEqual({
      arrayValue: { values: [{}, { intValue: '1' }] },
    })
  })

  it('names it does not know, with any value, and no other spelling of those it knows', () => {
    const odd = String.raw`"x":{"a":[1,-2.5e+3,"\"]}",{},[],[[]],true,false,null]},"":0`
    expect(spanFrom(`${odd},"name":"n","trace_id":"zz","Name":1,"__proto__":{"a":1}`)).toEqual(
      spanFrom('"name":"n"'),
    )
    expect(spanFrom(String.raw`"\u006eame":"n"`).name).toBe('n')
  })

  it('a name twice: the last counts, and lists grow', () => {
    const twice = '"name":"a","name":"b","events":[{"name":"x"}],"events":[{"name":"y"}]'
    expect(spanFrom(twice)).toMatchObject({ name: 'b', events: [{ name: 'x' }, { name: 'y' }] })
  })

  it('an empty value after another one of its name, which counts', () => {
    expect(spanFrom('"name":"a","kind":3,"name":"","kind":0')).toEqual(spanFrom('"name":""'))
  })

  it('every escape, and half a pair as a replacement character', () => {
    const name = (text: string) => spanFrom(`"name":"${text}"`).name
    expect(name(String.raw`\"\\\/\b\f\n\r\t`)).toBe('"\\/\b\f\n\r\t')
    expect(name(String.raw`\u0000\u007F\u00e9\u20AC\ud83d\uDE00`)).toBe('\0\x7fé€😀')
    expect(name(String.raw`\ud83d|\ude00|\ud83d\ud83d\ude00|\ud83d\n`)).toBe(
      '\ufffd|\ufffd|\ufffd😀|\ufffd\n',
    )
  })

  it.each([
    ['9223372036854775807', '9223372036854775807'],
    ['"-9223372036854775808"', '-9223372036854775808'],
    ['-4294967296', '-4294967296'],
    ['-0', '0'],
    ['1e3', '1000'],
    ['"15.50e1"', '155'],
    ['1.0', '1'],
    ['0e99999999999', '0'],
    ['922337203685477580.7E1', '9223372036854775807'],
  ])('%s as a 64-bit integer, digit for digit', (json, value) => {
    expect(valueFrom(`{"intValue":${json}}`)).toEqual({ intValue: value })
  })

  it('doubles as numbers, text and names', () => {
    expect(valueFrom('{"doubleValue":3}')).toEqual({ doubleValue: 3 })
    expect(valueFrom('{"doubleValue":"-1.5e-7"}')).toEqual({ doubleValue: -1.5e-7 })
    expect(valueFrom('{"doubleValue":"-Infinity"}')).toEqual({ doubleValue: '-Infinity' })
  })

  it('base64 of both alphabets, padded or not', () => {
    for (const text of ['+/+/AA==', '-_-_AA', String.raw`+\/+\/AA==`]) {
      expect(valueFrom(`{"bytesValue":"${text}"}`)).toEqual({ bytesValue: '+/+/AA==' })
    }
  })

  it('the same bytes again for the same body', () => {
    expect(transcodeTraces(asJson(spans))).toEqual(transcodeTraces(asJson(spans)))
  })
})

const types = [
  schema.exportTraceServiceRequest,
  schema.resourceSpans,
  schema.scopeSpans,
  schema.span,
  schema.event,
  schema.link,
  schema.status,
  schema.resource,
  schema.instrumentationScope,
  schema.keyValue,
]
const fieldNames = types.flatMap(({ byNumber }) => byNumber.flatMap((field) => field?.name ?? []))
const anyOrder = fc.shuffledSubarray(fieldNames, { minLength: fieldNames.length })

/** A replacer that puts the names of every object in this order. */
function inOrder(order: readonly string[]) {
  const rank = new Map(order.map((name, i) => [name, i]))
  return (_: string, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    const names = Object.keys(value).sort((a, b) => (rank.get(a) ?? -1) - (rank.get(b) ?? -1))
    return Object.fromEntries(names.map((name) => [name, (value as Record<string, unknown>)[name]]))
  }
}
