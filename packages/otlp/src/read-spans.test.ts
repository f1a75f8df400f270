import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AnyValue, KeyValue, OtlpSpan, TracesData } from './otlp-json.ts'
import { readSpans } from './read-spans.ts'
import type { AttributeValue, Span } from './span.ts'

const service: KeyValue = { key: 'service.name', value: { stringValue: 'pingtrace-api' } }

function readOne(span: OtlpSpan, resource: KeyValue[] = [service]): Span {
  const [read] = readSpans({
    resourceSpans: [{ resource: { attributes: resource }, scopeSpans: [{ spans: [span] }] }],
  })
  return read!
}

function readValue(value: AnyValue): AttributeValue | undefined {
  return readOne({ attributes: [{ key: 'k', value }] }).attributes.k
}

describe('readSpans', () => {
  it('names what the wire numbers, and gives each span its resource and scope', () => {
    const data: TracesData = {
      resourceSpans: [
        {
          resource: { attributes: [service] },
          scopeSpans: [
            {
              scope: { name: 'pingtrace', version: '1.2.3' },
              spans: [
                {
                  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
                  spanId: '00f067aa0ba902b7',
                  parentSpanId: 'b9c7c989f97918e1',
                  traceState: 'a=b',
                  flags: 257,
                  name: 'server redis operation',
                  kind: 3,
                  startTimeUnixNano: '1700000000000000001',
                  endTimeUnixNano: '1700000000000000002',
                  attributes: [{ key: 'db.system.name', value: { stringValue: 'redis' } }],
                  events: [
                    {
                      name: 'exception',
                      timeUnixNano: '1700000000000000003',
                      attributes: [{ key: 'exception.type', value: { stringValue: 'Error' } }],
                    },
                  ],
                  links: [{ traceId: 'aa', spanId: 'bb', attributes: [service] }],
                  status: { code: 2, message: 'refused' },
                },
              ],
            },
          ],
        },
      ],
    }
    expect(readSpans(data)).toEqual([
      {
        traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
        spanId: '00f067aa0ba902b7',
        parentSpanId: 'b9c7c989f97918e1',
        traceState: 'a=b',
        flags: 257,
        name: 'server redis operation',
        kind: 'client',
        start: 1700000000000000001n,
        end: 1700000000000000002n,
        attributes: { 'db.system.name': 'redis' },
        events: [
          {
            name: 'exception',
            time: 1700000000000000003n,
            attributes: { 'exception.type': 'Error' },
          },
        ],
        links: [{ traceId: 'aa', spanId: 'bb', attributes: { 'service.name': 'pingtrace-api' } }],
        status: { code: 'error', message: 'refused' },
        service: 'pingtrace-api',
        resource: { 'service.name': 'pingtrace-api' },
        scope: { name: 'pingtrace', version: '1.2.3' },
      },
    ])
  })

  it('reads spans of several resources and scopes in document order', () => {
    const spans = readSpans({
      resourceSpans: [
        { scopeSpans: [{ spans: [{ name: '1' }, { name: '2' }] }, { spans: [{ name: '3' }] }] },
        {},
        { scopeSpans: [{}] },
        { resource: { attributes: [service] }, scopeSpans: [{ spans: [{ name: '4' }] }] },
      ],
    })
    expect(spans.map((span) => `${span.service} ${span.name}`)).toEqual([
      'unknown_service 1',
      'unknown_service 2',
      'unknown_service 3',
      'pingtrace-api 4',
    ])
  })

  it('reads an empty document', () => {
    expect(readSpans({})).toEqual([])
  })

  it('gives absent fields their defaults, and a root no parent', () => {
    expect(readOne({ parentSpanId: '' })).toMatchObject({
      parentSpanId: undefined,
      kind: 'unspecified',
      start: 0n,
      end: 0n,
      status: { code: 'unset', message: '' },
      events: [],
      links: [],
    })
  })

  it.each<[string, AnyValue, AttributeValue]>([
    ['an empty string', { stringValue: '' }, ''],
    ['false', { boolValue: false }, false],
    ['an integer beyond 2^53', { intValue: '9223372036854775807' }, 9223372036854775807n],
    ['an integer as a number', { intValue: -3 }, -3n],
    ['a double', { doubleValue: 1.5 }, 1.5],
    ['infinity', { doubleValue: '-Infinity' }, Number.NEGATIVE_INFINITY],
    ['not a number', { doubleValue: 'NaN' }, Number.NaN],
    ['a list', { arrayValue: { values: [{ intValue: 1 }, {}] } }, [1n, null]],
    ['an empty list', { arrayValue: {} }, []],
    ['bytes, left in base64', { bytesValue: 'AAE=' }, 'AAE='],
    ['nothing', {}, null],
  ])('reads %s', (_what, wire, value) => {
    expect(readValue(wire)).toEqual(value)
  })

  it('reads a map', () => {
    expect(
      readValue({ kvlistValue: { values: [{ key: 'a', value: { boolValue: true } }] } }),
    ).toEqual({ a: true })
  })

  it('takes __proto__ for a key like any other', () => {
    const span = readOne({ attributes: [{ key: '__proto__', value: { stringValue: 'x' } }] })
    expect(Object.entries(span.attributes)).toEqual([['__proto__', 'x']])
  })

  it.each([['abc'], ['1.5'], [''], [' 1'], ['0x10'], ['1'.repeat(1000)], [1.5], [Number.NaN]])(
    'reads the time %s as 0',
    (time) => {
      expect(readOne({ startTimeUnixNano: time }).start).toBe(0n)
    },
  )

  it('cuts a value nested deeper than any sender means', () => {
    let value: AnyValue = { stringValue: 'bottom' }
    for (let depth = 0; depth < 100_000; depth++) value = { arrayValue: { values: [value] } }
    expect(() => JSON.stringify(readValue(value))).not.toThrow()
    expect(JSON.stringify(readValue(value))).toContain('nested too deeply')
  })

  it('takes no method of an array for a kind or a status', () => {
    const span = { kind: 'map', status: { code: 'toString' } } as unknown as OtlpSpan
    expect(readOne(span)).toMatchObject({ kind: 'unspecified', status: { code: 'unset' } })
  })

  it('never throws on the values of a span', () => {
    const field = fc.option(fc.oneof(fc.string(), fc.double(), fc.integer()), { nil: undefined })
    fc.assert(
      fc.property(fc.record({ start: field, kind: field, code: field, int: field }), (odd) => {
        // As JSON.parse would deliver it: nothing has checked these types.
        const span = {
          startTimeUnixNano: odd.start,
          kind: odd.kind,
          status: { code: odd.code },
          attributes: [{ key: 'k', value: { intValue: odd.int } }],
        } as OtlpSpan
        const read = readOne(span)
        expect(typeof read.start).toBe('bigint')
        expect(typeof read.kind).toBe('string')
        expect(['unset', 'ok', 'error']).toContain(read.status.code)
      }),
    )
  })
})
