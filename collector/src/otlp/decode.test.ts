import { readSpans, type TracesData } from '@pingtrace/otlp'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeResource, decodeScope, decodeSpan, decodeTraces } from './decode.ts'
import { TracesScan } from './scan.ts'
import { asJson, asProtobuf, bytesOf, damaged, field, realSpans, refusal } from './testing.ts'

const spans = realSpans()
const request = asProtobuf(spans)

describe('decodeTraces', () => {
  it('reads the same from protobuf as the SDK writes to JSON', () => {
    const json: TracesData = JSON.parse(new TextDecoder().decode(asJson(spans)))
    expect(readSpans(decodeTraces(request))).toEqual(readSpans(json))
  })

  it('reads several requests in a row as one', () => {
    const twice = decodeTraces(Buffer.concat([request, request]))
    expect(readSpans(twice)).toEqual([
      ...readSpans(decodeTraces(request)),
      ...readSpans(decodeTraces(request)),
    ])
  })

  it('decodes whatever a scan lets through, and throws nothing but MalformedError', () => {
    const scan = new TracesScan()
    let accepted = 0
    fc.assert(
      fc.property(damaged(request), (bytes) => {
        if (refusal(() => scan.scan(bytes)) === undefined) {
          accepted++
          decodeTraces(bytes)
          for (let i = 0; i < scan.spanCount; i++) {
            const start = scan.spanOffset[i]!
            decodeSpan(bytes.subarray(start, start + scan.spanLength[i]!))
          }
        } else expect(refusal(() => decodeTraces(bytes))).toBeDefined()
      }),
      { numRuns: 2_000 },
    )
    expect(accepted).toBeGreaterThan(100)
  })
})

describe('decodeSpan', () => {
  it('always answers ids, name and times, and leaves out other defaults', () => {
    const always = { traceId: '', spanId: '', name: '' }
    const empty = { ...always, startTimeUnixNano: '0', endTimeUnixNano: '0' }
    expect(decodeSpan(new Uint8Array())).toEqual(empty)
    expect(decodeSpan(bytesOf(field(6, 0), field(10, 0), field(3, '')))).toEqual(empty)
  })

  it('reads an id of a wrong length or of zeros as absent', () => {
    const zero = new Uint8Array(8)
    const body = bytesOf(field(1, zero), field(2, bytesOf(zero, zero)), field(4, zero))
    const decoded = decodeSpan(body)
    expect(decoded).toMatchObject({ traceId: '', spanId: '' })
    expect(decoded).not.toHaveProperty('parentSpanId')
  })

  it('lets the last value of a field count', () => {
    const body = bytesOf(field(5, 'first'), field(6, 3), field(5, 'last'), field(6, 0))
    expect(decodeSpan(body).name).toBe('last')
    expect(decodeSpan(body)).not.toHaveProperty('kind')
  })
})

describe('decodeResource and decodeScope', () => {
  it('keeps a key like __proto__ out of any prototype', () => {
    const attribute = bytesOf(field(1, '__proto__'), field(2, field(1, 'polluted')))
    const decoded = decodeResource(field(1, attribute))
    expect(decoded).toEqual({
      attributes: [{ key: '__proto__', value: { stringValue: 'polluted' } }],
    })
    expect({}).not.toHaveProperty('polluted')
  })

  it('shows what is not UTF-8 as replacement characters and keeps a byte order mark', () => {
    const name = new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff])
    expect(decodeScope(field(1, name))).toEqual({ name: '\ufeffa\ufffd' })
  })
})
