import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arbitraryTraces } from './arbitrary-traces.ts'
import { canonical } from './canonical.ts'
import { decodeSpan, decodeTraces } from './decode.ts'
import { transcodeTraces } from './json-to-protobuf.ts'
import { encodeTraces, withDefaults } from './protobufjs.test-support.ts'
import { exportTraceServiceRequest, span } from './schema.ts'
import { asJson, asProtobuf, bytesOf, field, realSpans } from './testing.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const formOf = (...fields: Uint8Array[]) => hex(canonical(bytesOf(...fields), span))

describe('the canonical form', () => {
  it('is the same whether an encoder writes defaults or leaves them out', () => {
    fc.assert(
      fc.property(arbitraryTraces, (traces) => {
        const [with0, without] = [true, false].map((written) =>
          encodeTraces(withDefaults(traces, written)),
        )
        const form = canonical(with0!, exportTraceServiceRequest)
        expect(hex(form)).toBe(hex(canonical(without!, exportTraceServiceRequest)))
        expect(decodeTraces(form)).toEqual(traces)
      }),
      { numRuns: 200 },
    )
  })

  it("is what the SDK's JSON is transcoded to, and its protobuf comes down to", () => {
    const spans = realSpans()
    const fromProtobuf = canonical(asProtobuf(spans), exportTraceServiceRequest)
    expect(hex(fromProtobuf)).toBe(hex(transcodeTraces(asJson(spans))))
    expect(decodeTraces(fromProtobuf)).toEqual(decodeTraces(asProtobuf(spans)))
  })

  it('is the same in any order of fields, lists keeping theirs', () => {
    const [name, kind, first, second] = [field(5, 'n'), field(6, 2), field(9, ''), field(11, '')]
    expect(formOf(second, name, first, kind)).toBe(hex(bytesOf(name, kind, first, second)))
    const [a, b] = [field(9, field(1, 'a')), field(9, field(1, 'b'))]
    expect(formOf(b, name, a)).toBe(hex(bytesOf(name, b, a)))
  })

  it('tells apart what a later reader could: values, unknown fields, the last of a name', () => {
    expect(formOf(field(5, 'a'))).not.toBe(formOf(field(5, 'b')))
    expect(formOf(field(99, 1))).not.toBe(formOf(field(99, 0)))
    expect(formOf(field(99, 0))).not.toBe(formOf())
    const emptied = formOf(field(5, 'a'), field(5, ''))
    expect(emptied).not.toBe(formOf(field(5, 'a')))
    expect(decodeSpan(Buffer.from(emptied, 'hex')).name).toBe('')
  })

  it('keeps the order in a oneof, where the last one counts, and its defaults', () => {
    const attribute = (...value: Uint8Array[]) => field(9, field(2, bytesOf(...value)))
    const [text, integer] = [field(1, 'a'), field(3, 0)]
    expect(formOf(attribute(integer, text))).not.toBe(formOf(attribute(text, integer)))
    expect(formOf(attribute(integer))).not.toBe(formOf(attribute()))
  })
})
