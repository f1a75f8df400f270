import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TracesScan } from './scan.ts'
import { asProtobuf, bytesOf, damaged, field, realSpans, refusal } from './testing.ts'

/** What a scan noted, with its offsets resolved. */
function notesOf(bytes: Uint8Array, scan = new TracesScan()) {
  scan.scan(bytes)
  const buffer = Buffer.from(bytes)
  const hex = (start: number, length: number) =>
    start < 0 ? undefined : buffer.toString('hex', start, start + length)
  const text = (start: number, length: number) =>
    start < 0 ? undefined : buffer.toString('utf8', start, start + length)
  const nanos = (high: number, low: number) => (BigInt(high) << 32n) | BigInt(low)
  return Array.from({ length: scan.spanCount }, (_, i) => {
    const r = scan.resourceOf[i]!
    const s = scan.scopeOf[i]!
    return {
      traceId: hex(scan.traceIdOffset[i]!, 16),
      spanId: hex(scan.spanIdOffset[i]!, 8),
      parentId: hex(scan.parentIdOffset[i]!, 8),
      name: text(scan.nameOffset[i]!, scan.nameLength[i]!),
      kind: scan.kind[i],
      statusCode: scan.statusCode[i],
      start: nanos(scan.startHigh[i]!, scan.startLow[i]!),
      end: nanos(scan.endHigh[i]!, scan.endLow[i]!),
      service: text(scan.serviceOffset[r]!, scan.serviceLength[r]!),
      body: hex(scan.spanOffset[i]!, scan.spanLength[i]!),
      resource: hex(scan.resourceOffset[r]!, scan.resourceLength[r]!),
      resourceSchemaUrl: text(scan.resourceSchemaUrlOffset[r]!, scan.resourceSchemaUrlLength[r]!),
      scope: hex(scan.scopeOffset[s]!, scan.scopeLength[s]!),
      scopeSchemaUrl: text(scan.scopeSchemaUrlOffset[s]!, scan.scopeSchemaUrlLength[s]!),
    }
  })
}

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const attribute = (key: string, value: string) => bytesOf(field(1, key), field(2, field(1, value)))
/** A request with one span, whose body this is. */
const requestOf = (span: Uint8Array) => field(1, field(2, field(2, span)))

const spans = realSpans()
const request = asProtobuf(spans)

describe('what it notes', () => {
  it('is what a real SDK put into its spans', () => {
    const toNanos = ([seconds, nanos]: [number, number]) =>
      BigInt(seconds) * 1_000_000_000n + BigInt(nanos)
    expect(notesOf(request)).toMatchObject(
      spans.map((span) => ({
        traceId: span.spanContext().traceId,
        spanId: span.spanContext().spanId,
        parentId: span.parentSpanContext?.spanId,
        name: span.name,
        kind: span.kind + 1,
        statusCode: span.status.code,
        start: toNanos(span.startTime),
        end: toNanos(span.endTime),
        service: span.resource.attributes['service.name'],
        scopeSchemaUrl: span.instrumentationScope.schemaUrl,
      })),
    )
  })

  it('does not depend on the order of fields or attributes', () => {
    const span = bytesOf(field(15, field(3, 2)), field(5, 'late'), field(2, 'spanspan'))
    const scope = field(1, 'scope')
    const valueFirst = bytesOf(field(2, field(1, 'shop')), field(1, 'service.name'))
    const resource = bytesOf(field(1, attribute('host.name', 'h')), field(1, valueFirst))
    const scopeSpans = bytesOf(field(3, 'scope schema'), field(2, span), field(1, scope))
    const bytes = field(1, bytesOf(field(3, 'schema'), field(2, scopeSpans), field(1, resource)))
    expect(notesOf(bytes)).toMatchObject([
      {
        name: 'late',
        statusCode: 2,
        spanId: hexOf(new TextEncoder().encode('spanspan')),
        service: 'shop',
        body: hexOf(span),
        resource: hexOf(resource),
        resourceSchemaUrl: 'schema',
        scope: hexOf(scope),
        scopeSchemaUrl: 'scope schema',
      },
    ])
  })

  it('is nothing where nothing was sent', () => {
    expect(notesOf(new Uint8Array())).toEqual([])
    expect(notesOf(requestOf(new Uint8Array()))).toEqual([
      {
        ...{ traceId: undefined, spanId: undefined, parentId: undefined, name: '', body: '' },
        ...{ kind: 0, statusCode: 0, start: 0n, end: 0n, service: undefined },
        ...{ resource: undefined, resourceSchemaUrl: undefined },
        ...{ scope: undefined, scopeSchemaUrl: undefined },
      },
    ])
  })

  it('takes several requests in a row for one, each with its own resource', () => {
    const bytes = bytesOf(request, field(1, field(2, field(2, field(5, 'bare')))), request)
    const one = notesOf(request)
    const bare = expect.objectContaining({ name: 'bare', service: undefined })
    expect(notesOf(bytes)).toEqual([...one, bare, ...one])
  })

  it('has no id where it is short, long or zero, whatever came before', () => {
    const good = bytesOf(field(1, 'sixteen letters!'), field(2, '8letters'), field(4, '8letters'))
    expect(notesOf(requestOf(good))[0]!.traceId).toBeDefined()
    for (const length of [0, 7, 8, 9, 15, 16, 17]) {
      const zero = new Uint8Array(length)
      const [note] = notesOf(
        requestOf(bytesOf(good, field(1, zero), field(2, zero), field(4, zero))),
      )
      expect(note).toMatchObject({ traceId: undefined, spanId: undefined, parentId: undefined })
    }
  })

  it('is the last of what is written twice', () => {
    const span = bytesOf(field(6, 1), field(5, 'a'), field(15, field(3, 2)), field(5, 'bc'))
    const [note] = notesOf(requestOf(bytesOf(span, field(6, 3), field(15, field(2, 'no code')))))
    expect(note).toMatchObject({ name: 'bc', kind: 3, statusCode: 0 })
  })

  it('has a service only where service.name is a string', () => {
    const service = (...attributes: Uint8Array[]) => {
      const resource = bytesOf(...attributes.map((body) => field(1, body)))
      const body = bytesOf(field(1, resource), field(2, field(2, new Uint8Array())))
      return notesOf(field(1, body))[0]!.service
    }
    const number = bytesOf(field(1, 'service.name'), field(2, field(3, 7)))
    expect(service(attribute('service.name', 'x'.repeat(200)))).toBe('x'.repeat(200))
    expect(service(attribute('service.name', ''))).toBe('')
    expect(service(attribute('service.nam', 'a'), attribute('service.names', 'b'))).toBeUndefined()
    expect(service(number)).toBeUndefined()
    expect(service(attribute('service.name', 'a'), number)).toBeUndefined()
    expect(service(number, attribute('service.name', 'b'))).toBe('b')
  })

  it('skips fields it does not know, of every wire type', () => {
    const unknown = bytesOf(
      field(99, 2 ** 40),
      field(100, 'text'),
      Uint8Array.of(0xa1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8), // 100, 64 bits
      Uint8Array.of(0xa5, 0x06, 1, 2, 3, 4), // 100, 32 bits
    )
    const span = bytesOf(unknown, field(5, 'known'), unknown)
    const body = bytesOf(unknown, field(2, bytesOf(unknown, field(2, span))))
    expect(notesOf(bytesOf(unknown, field(1, body)))).toMatchObject([{ name: 'known' }])
  })

  it('outgrows its first tables and forgets the last request', () => {
    const scan = new TracesScan()
    const many = Array.from({ length: 3_000 }, (_, i) => requestOf(field(5, `span ${i}`)))
    const names = notesOf(bytesOf(...many), scan).map(({ name }) => name)
    expect(names).toEqual(many.map((_, i) => `span ${i}`))
    expect(notesOf(request, scan)).toEqual(notesOf(request))
  })
})

describe('what it refuses, and where', () => {
  const scan = new TracesScan()
  const why = (bytes: Uint8Array | number[]) => refusal(() => scan.scan(Uint8Array.from(bytes)))

  it.each([
    ['field number 0', [0x00, 0x00], 'field number 0 at byte 0'],
    ['a group', [0x0b, 0x0c], 'wire type 3 for ExportTraceServiceRequest.resourceSpans at byte 1'],
    ['an unknown group', [0x13], 'wire type 3, which proto3 does not have, at byte 1'],
    ['the end of a group', [0x14], 'wire type 4, which proto3 does not have, at byte 1'],
    ['wire type 6', [0x16], 'wire type 6, which proto3 does not have, at byte 1'],
    ['wire type 7', [0x17], 'wire type 7, which proto3 does not have, at byte 1'],
    ['a tag cut short', [0x80], 'message cut short at byte 1'],
    ['a length cut short', [0x0a], 'message cut short at byte 1'],
    ['a body cut short', [0x0a, 0x01], 'a length that passes its message at byte 1'],
    [
      'a tag of 33 bits',
      [0x80, 0x80, 0x80, 0x80, 0x10],
      'a tag or length of over 32 bits at byte 0',
    ],
    [
      'a length of 4 GiB',
      [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f],
      'a length that passes its message at byte 1',
    ],
    [
      'a length of six bytes',
      [0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
      'a tag or length of over 32 bits at byte 1',
    ],
    [
      'a varint of 65 bits',
      [0x10, ...Array(9).fill(0xff), 0x02],
      'a varint of over 64 bits at byte 1',
    ],
    ['a varint without end', [0x10, ...Array(40).fill(0xff)], 'a varint of over 64 bits at byte 1'],
    ['32 bits cut short', [0x15, 1, 2, 3], 'message cut short at byte 4'],
    ['64 bits cut short', [0x11, 1, 2, 3, 4, 5, 6, 7], 'message cut short at byte 8'],
  ])('%s', (_, bytes, message) => {
    expect(why(bytes)).toBe(message)
  })

  it('a length of the enclosing message, even if the bytes are there', () => {
    // The inner length says 3, the outer message ends after 1.
    expect(why([0x0a, 0x03, 0x12, 0x03, 0x12, 0x00, 0x00])).toBe(
      'a length that passes its message at byte 3',
    )
  })

  it('a known field of another wire type, on every level', () => {
    expect(why(requestOf(field(7, 1)))).toBe('wire type 0 for Span.startTimeUnixNano at byte 7')
    expect(why(requestOf(field(6, 'kind')))).toMatch('wire type 2 for Span.kind')
    expect(why(requestOf(field(15, field(3, 'code'))))).toMatch('wire type 2 for Status.code')
    expect(why(requestOf(field(9, field(1, 1))))).toMatch('wire type 0 for KeyValue.key')
    expect(why(requestOf(field(9, field(2, field(4, 1)))))).toMatch('for AnyValue.doubleValue')
    expect(why(requestOf(field(11, field(1, 1))))).toMatch('for Span.Event.timeUnixNano')
    expect(why(requestOf(field(13, field(6, 1))))).toMatch('for Span.Link.flags')
    expect(why(field(1, field(1, field(1, field(1, 1)))))).toMatch('for KeyValue.key')
  })

  it('damage inside an attribute, so that no reader meets it later', () => {
    const cutValue = bytesOf(field(1, 'key'), Uint8Array.of(0x12, 0x03, 0x0a, 0x05, 0x61))
    const cutKey = Uint8Array.of(0x0a, 0x09, 0x61, 0x12, 0x02, 0x10, 0x01)
    for (const body of [cutValue, cutKey]) {
      expect(why(requestOf(field(9, body)))).toMatch('a length that passes its message')
      expect(why(requestOf(field(11, field(3, body))))).toMatch('a length that passes')
      expect(why(field(1, field(1, field(1, body))))).toMatch('a length that passes')
    }
  })

  it('values nested deeper than a reader may recurse', () => {
    const nested = (levels: number) => {
      let value = field(1, 'innermost')
      for (let i = 0; i < levels; i++) value = field(5, field(1, value))
      return requestOf(field(9, bytesOf(field(1, 'key'), field(2, value))))
    }
    // An attribute's value is message 5; each array adds two.
    expect(why(nested(47))).toBeUndefined()
    expect(why(nested(48))).toMatch('over 100 levels of messages at byte ')
    expect(why(nested(2_000))).toMatch('over 100 levels of messages at byte ')
  })

  it('never fails in another way, on damaged requests and on noise', () => {
    const anything = fc.oneof(damaged(request), fc.uint8Array({ maxLength: 64 }))
    fc.assert(
      fc.property(anything, (bytes) => void why(bytes)),
      { numRuns: 5_000 },
    )
  })
})
