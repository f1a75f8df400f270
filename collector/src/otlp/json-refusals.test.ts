import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeTraces } from './decode.ts'
import { transcodeTraces } from './json-to-protobuf.ts'
import { TracesScan } from './scan.ts'
import { asJson, bytesOf, damaged, jsonRequest, realSpans, refusal } from './testing.ts'

const encode = (json: string) => new TextEncoder().encode(json)
const why = (json: string | Uint8Array) =>
  refusal(() => transcodeTraces(typeof json === 'string' ? encode(json) : json))

describe('what transcodeTraces refuses, and where', () => {
  it.each([
    ['', 'no { where JSON wants one at byte 0'],
    ['null', 'no { where JSON wants one at byte 0'],
    ['[]', 'no { where JSON wants one at byte 0'],
    ['{} {}', 'more than one JSON value at byte 3'],
    ['{"a":1,}', 'no " where JSON wants one at byte 7'],
    ['{"a" 1}', 'no : where JSON wants one at byte 5'],
    ['{"a":01}', 'no JSON value at byte 5'],
    ['{"a":1.}', 'no JSON value at byte 5'],
    ['{"a":-}', 'no JSON value at byte 5'],
    ['{"a":tru}', 'no true at byte 5'],
    ['{"a":[1 2]}', 'no ] where JSON wants one at byte 8'],
    ['{"a":"b', 'a string without an end at byte 6'],
    ['{"a":"\n"}', 'a control character in a string at byte 6'],
    ['{"a":"\\n\t"}', 'a control character in a string at byte 8'],
    [String.raw`{"a":"\x"}`, 'an escape that JSON does not have at byte 6'],
    [String.raw`{"a":"\u12"}`, 'an escape that JSON does not have at byte 6'],
    ['{"a":"\\', 'a string without an end at byte 6'],
    ['{"resourceSpans":{}}', 'no [ where JSON wants one at byte 17'],
    ['{"resourceSpans":[1]}', 'no { where JSON wants one at byte 18'],
  ])('%s', (json, message) => {
    expect(why(json)).toBe(message)
  })

  it.each([
    ['"name":1', 'Span.name is not a string'],
    ['"traceId":"5B8EFFF798038103D269B633813FC6"', 'Span.traceId is not 32 hex digits'],
    ['"traceId":"5B8EFFF798038103D269B633813FC60G"', 'Span.traceId is not 32 hex digits'],
    ['"spanId":"EEE19B7EC3C1B1744"', 'Span.spanId is not 16 hex digits'],
    ['"parentSpanId":5', 'Span.parentSpanId is not 16 hex digits'],
    ['"kind":"SPAN_KIND_SERVER"', 'Span.kind is not a 32-bit integer'],
    ['"kind":"2"', 'Span.kind is not a 32-bit integer'],
    ['"kind":2147483648', 'Span.kind is not a 32-bit integer'],
    ['"flags":4294967296', 'Span.flags is not an unsigned 32-bit integer'],
    ['"droppedEventsCount":-1', 'Span.droppedEventsCount is not an unsigned 32-bit integer'],
    ['"startTimeUnixNano":-1', 'Span.startTimeUnixNano is not an unsigned 64-bit integer'],
    ['"startTimeUnixNano":18446744073709551616', 'is not an unsigned 64-bit integer'],
    ['"endTimeUnixNano":"12 "', 'Span.endTimeUnixNano is not an unsigned 64-bit integer'],
    ['"endTimeUnixNano":""', 'Span.endTimeUnixNano is not an unsigned 64-bit integer'],
    ['"status":{"code":1.5}', 'Status.code is not a 32-bit integer'],
    ['"attributes":[{"value":{"intValue":9223372036854775808}}]', 'signed 64-bit integer'],
    ['"attributes":[{"value":{"intValue":1e999999999}}]', 'signed 64-bit integer'],
    ['"attributes":[{"value":{"intValue":1e-3}}]', 'signed 64-bit integer'],
    ['"attributes":[{"value":{"intValue":"1e"}}]', 'signed 64-bit integer'],
    ['"attributes":[{"value":{"boolValue":1}}]', 'AnyValue.boolValue is not a boolean'],
    ['"attributes":[{"value":{"doubleValue":1e999}}]', 'AnyValue.doubleValue is not a double'],
    ['"attributes":[{"value":{"doubleValue":"nan"}}]', 'AnyValue.doubleValue is not a double'],
    ['"attributes":[{"value":{"bytesValue":"A"}}]', 'AnyValue.bytesValue is not base64'],
    ['"attributes":[{"value":{"bytesValue":"AA=A"}}]', 'AnyValue.bytesValue is not base64'],
    ['"attributes":[{"value":{"bytesValue":"AA="}}]', 'AnyValue.bytesValue is not base64'],
    ['"attributes":[{"value":{"bytesValue":"A A="}}]', 'AnyValue.bytesValue is not base64'],
  ])('%s', (members, message) => {
    const json = jsonRequest(members)
    const start = /:(?=[^:[{]*$)/.exec(json)!.index + 1
    expect(why(json)).toMatch(message)
    expect(why(json)).toMatch(new RegExp(` at byte ${start}$`))
  })

  it('an integer so long that to read it would take for ever', () => {
    const long = `0.${'0'.repeat(1_000_000)}1`
    expect(why(jsonRequest(`"flags":${long}`))).toMatch('Span.flags is not an unsigned 32-bit')
  })

  it('text that is not UTF-8', () => {
    const bytes = bytesOf(encode('{"a":"'), Uint8Array.of(0xff), encode('"}'))
    expect(why(bytes)).toBe('text that is not UTF-8')
  })

  it('nesting that would cost a reader its stack, known or not', () => {
    const values = (levels: number) =>
      jsonRequest(
        `"attributes":[{"value":${'{"arrayValue":{"values":['.repeat(levels)}${']}}'.repeat(levels)}}]`,
      )
    new TracesScan().scan(transcodeTraces(encode(values(48))))
    expect(why(values(49))).toMatch('over 100 levels of messages at byte ')
    expect(why(values(50_000))).toMatch('over 100 levels of messages at byte ')
    expect(why(`{"x":${'['.repeat(100)}${']'.repeat(100)}}`)).toBeUndefined()
    expect(why(`{"x":${'['.repeat(50_000)}`)).toMatch('JSON nested too deep at byte ')
    expect(why('{"x":'.repeat(50_000))).toMatch('JSON nested too deep at byte ')
  })

  it('never fails in another way, and lets nothing through that a scan would refuse', () => {
    const scan = new TracesScan()
    let accepted = 0
    fc.assert(
      fc.property(
        fc.oneof(damaged(asJson(realSpans())), fc.uint8Array({ maxLength: 64 })),
        (json) => {
          if (why(json) !== undefined) return
          accepted++
          const bytes = transcodeTraces(json)
          scan.scan(bytes)
          decodeTraces(bytes)
        },
      ),
      { numRuns: 2_000 },
    )
    expect(accepted).toBeGreaterThan(20)
  })
})
