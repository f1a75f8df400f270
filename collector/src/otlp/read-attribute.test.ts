import { type KeyValue, readSpans, type TracesData } from '@pingtrace/otlp'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { arbitraryTraces } from './arbitrary-traces.ts'
import { decodeTraces } from './decode.ts'
import { transcodeTraces } from './json-to-protobuf.ts'
import { attributesTag, readAttribute } from './read-attribute.ts'
import { TracesScan } from './scan.ts'

/** Reads each key from each span and resource, and compares with decoding all of it. */
function check(data: TracesData, keys: readonly string[]): number {
  const payload = transcodeTraces(Buffer.from(JSON.stringify(data)))
  const scan = new TracesScan()
  scan.scan(payload)
  let found = 0
  for (const [i, span] of readSpans(decodeTraces(payload)).entries()) {
    const resource = scan.resourceOf[i]!
    const ranges = {
      span: [scan.spanOffset[i]!, scan.spanLength[i]!],
      resource: [Math.max(scan.resourceOffset[resource]!, 0), scan.resourceLength[resource]!],
    } as const
    for (const [scope, attributes] of [
      ['span', span.attributes],
      ['resource', span.resource],
    ] as const) {
      const [start, length] = ranges[scope]
      for (const key of [...keys, ...Object.keys(attributes)]) {
        const tag = attributesTag[scope]
        const value = readAttribute(payload, start, start + length, tag, Buffer.from(key))
        expect(value).toEqual(attributes[key] ?? null)
        if (value !== null) found++
      }
    }
  }
  return found
}

it('reads of any span and resource what decoding all of it reads', () => {
  fc.assert(fc.property(arbitraryTraces, (data) => void check(data, ['absent', '', '__proto__'])))
})

it('takes the last of a key that is there twice, and an empty one for missing', () => {
  const text = (key: string, stringValue: string): KeyValue => ({ key, value: { stringValue } })
  const attributes = [text('a', '1'), text('b', '2'), text('a', '3'), text('c', '4'), { key: 'c' }]
  const span = { traceId: '1'.padStart(32, '0'), spanId: '1'.padStart(16, '0'), attributes }
  const data = { resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans: [span] }] }] }
  // a and b, of the span and of the resource, each looked for twice.
  expect(check(data, ['a', 'b', 'c'])).toBe(8)
})
