import { readSpans, type TracesData } from '@pingtrace/otlp'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTraceFile } from './read-trace-file.ts'
import { TraceFileError } from './trace-file-error.ts'

const first = '1'.repeat(32)
const second = '2'.repeat(32)

const otlp = (traceId: string, spanId: string, more: object = {}) => ({
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
      scopeSpans: [
        {
          scope: { name: 'orders', version: '1.0' },
          spans: [{ traceId, spanId, name: `span ${spanId[0]}`, kind: 2, ...more }],
        },
      ],
    },
  ],
})
const a = 'a'.repeat(16)
const b = 'b'.repeat(16)

/** What the page would show of a file: the spans of each trace. */
const spansIn = (text: string) =>
  Object.fromEntries([...readTraceFile(text)].map(([id, data]) => [id, readSpans(data)]))

/** What is said of a file that is refused. */
function refusalOf(text: string): string {
  try {
    readTraceFile(text)
  } catch (error) {
    if (error instanceof TraceFileError) return error.message
    throw error
  }
  throw new Error('the file was taken')
}

describe('readTraceFile, OTLP', () => {
  it('reads a document, in one line or many, as it is sent or as it is answered', () => {
    for (const text of [
      JSON.stringify(otlp(first, a)),
      JSON.stringify(otlp(first, a), null, 2),
      `\uFEFF\n${JSON.stringify({ result: otlp(first, a) })}\n`,
    ]) {
      expect(spansIn(text)).toMatchObject({
        [first]: [{ traceId: first, spanId: a, name: 'span a', kind: 'server', service: 'shop' }],
      })
    }
  })

  it('reads a document a line, and puts the spans of a trace together', () => {
    const lines = [
      otlp(first, a),
      otlp(second, a),
      { resourceLogs: [{ scopeLogs: [] }] },
      otlp(first, b, { parentSpanId: a }),
    ].map((line) => JSON.stringify(line))
    const traces = spansIn(`${lines.join('\r\n\n')}\n`)
    expect(Object.keys(traces)).toEqual([first, second])
    expect(traces[first]!.map(({ spanId, scope }) => [spanId, scope.name])).toEqual([
      [a, 'orders'],
      [b, 'orders'],
    ])
  })

  it('loses nothing that OTLP has a field for', () => {
    const document: TracesData = {
      resourceSpans: [
        {
          resource: {
            attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }],
            droppedAttributesCount: 1,
          },
          schemaUrl: 'https://opentelemetry.io/schemas/1.30.0',
          scopeSpans: [
            {
              scope: { name: 'orders', version: '1', attributes: [], droppedAttributesCount: 2 },
              schemaUrl: 'x',
              spans: [
                {
                  traceId: first,
                  spanId: a,
                  traceState: 'k=v',
                  parentSpanId: b,
                  flags: 257,
                  name: 'order',
                  kind: 2,
                  startTimeUnixNano: '1700000000000000001',
                  endTimeUnixNano: '1700000000000000002',
                  attributes: [
                    { key: 'text', value: { stringValue: '' } },
                    { key: 'flag', value: { boolValue: false } },
                    { key: 'large', value: { intValue: '9007199254740993' } },
                    { key: 'odd', value: { doubleValue: 'NaN' } },
                    { key: 'list', value: { arrayValue: { values: [{ doubleValue: 1.5 }, {}] } } },
                    {
                      key: 'map',
                      value: { kvlistValue: { values: [{ key: '__proto__', value: {} }] } },
                    },
                    { key: 'bytes', value: { bytesValue: 'AAE=' } },
                    { key: 'none' },
                  ],
                  droppedAttributesCount: 3,
                  events: [
                    { timeUnixNano: '5', name: 'e', attributes: [], droppedAttributesCount: 4 },
                  ],
                  droppedEventsCount: 5,
                  links: [
                    {
                      traceId: second,
                      spanId: b,
                      traceState: 's',
                      attributes: [],
                      droppedAttributesCount: 6,
                      flags: 1,
                    },
                  ],
                  droppedLinksCount: 7,
                  status: { message: 'no', code: 2 },
                },
              ],
            },
          ],
        },
      ],
    }
    expect(readTraceFile(JSON.stringify(document)).get(first)).toEqual(document)
  })

  it('takes what encoders may write: upper case, names of enums, numbers, null, unknown fields', () => {
    const span = {
      kind: 'SPAN_KIND_CLIENT',
      startTimeUnixNano: 1,
      attributes: null,
      status: { code: 'STATUS_CODE_ERROR', new: 1 },
      parentSpanId: '',
      future: {},
    }
    expect(spansIn(JSON.stringify(otlp(first, 'A'.repeat(16), span)))[first]).toMatchObject([
      { spanId: a, kind: 'client', start: 1n, status: { code: 'error' }, parentSpanId: undefined },
    ])
  })

  it.each([
    ['', 'The file is empty.'],
    [' \n ', 'The file is empty.'],
    ['{"resourceSpans":[]}', 'There are no spans in it.'],
    ['[]', 'Line 1: the document must be an object'],
    ['7', 'Line 1: the document must be an object'],
    ['{"spans":[]}', 'Line 1: the document has neither resourceSpans (OTLP) nor data (Jaeger)'],
    ['{"resourceSpans":{}}', 'Line 1: resourceSpans must be a list'],
    ['{"resourceSpans":[7]}', 'Line 1: resourceSpans[0] must be an object'],
  ])('refuses %j', (text, reason) => {
    expect(refusalOf(text)).toBe(reason)
  })

  it.each([
    [{ spanId: 'xyz' }, 'spanId must be 16 hex digits', '"spanId": "xyz"'],
    [{ traceId: null }, 'traceId is missing', '"traceId": null'],
    [{ name: 7 }, 'name must be a text', '"name": 7'],
    [{ endTimeUnixNano: 'noon' }, 'endTimeUnixNano must be a whole number', '"noon"'],
    [{ attributes: [{ value: { boolValue: 1 } }] }, 'boolValue must be true or false', ': 1'],
    [{ status: [] }, 'status must be an object', '"status": []'],
  ])('names the line of what is wrong: %j', (wrong, reason, onLine) => {
    const text = JSON.stringify(otlp(first, a, { links: [], ...wrong }), null, 2)
    const message = refusalOf(text)
    expect(message).toContain(reason)
    const line = Number(/^Line (\d+): /.exec(message)![1])
    expect(text.split('\n')[line - 1]).toContain(onLine)
  })

  it('names the line of broken JSON, of a document and of a file of lines', () => {
    const pretty = JSON.stringify(otlp(first, a), null, 2).split('\n')
    pretty[6] = '      oops'
    expect(refusalOf(pretty.join('\n'))).toMatch(/^Line 7: not JSON: /)
    const good = JSON.stringify(otlp(first, a))
    expect(refusalOf(`${good}\n${good}\n${good.slice(0, -9)}\n${good}`)).toMatch(
      /^Line 3: not JSON: /,
    )
    expect(refusalOf(`${good}\n\n${JSON.stringify(otlp(first, 'q'))}`)).toBe(
      'Line 3: resourceSpans[0].scopeSpans[0].spans[0].spanId must be 16 hex digits',
    )
  })
})

describe('readTraceFile, hostile', () => {
  const documents = [JSON.stringify(otlp(first, a), null, 1), JSON.stringify(otlp(first, a))]

  it('reads or refuses whatever it is given, and throws nothing else', () => {
    const anyText = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((json) => `{"resourceSpans":[{"scopeSpans":[{"spans":[${json}]}]}]}`),
      fc.json().map((json) => `{"data":[${json}]}`),
      // A good document with some of it cut out or overwritten.
      fc
        .record({
          text: fc.constantFrom(...documents),
          at: fc.nat(400),
          cut: fc.nat(12),
          put: fc.constantFrom('', '"', '{', '[', ',', '0', 'null', '\n'),
        })
        .map(({ text, at, cut, put }) => text.slice(0, at) + put + text.slice(at + cut)),
    )
    fc.assert(
      fc.property(anyText, (text) => {
        try {
          for (const [id, data] of readTraceFile(text)) {
            expect(id).toMatch(/^[0-9a-f]{32}$/)
            expect(readSpans(data).length).toBeGreaterThan(0)
          }
        } catch (error) {
          expect(error).toBeInstanceOf(TraceFileError)
          const { line, message } = error as TraceFileError
          expect(message).not.toBe('')
          if (line === undefined) return
          expect(line).toBeGreaterThanOrEqual(1)
          expect(line).toBeLessThanOrEqual(text.split('\n').length)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('refuses what is nested to overflow the stack', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    expect(refusalOf(`{"resourceSpans":${deep}}`)).toMatch(/^Line 1: /)
    expect(refusalOf('['.repeat(200_000))).toMatch(/^Line 1: /)
    let value: object = { stringValue: 'bottom' }
    for (let depth = 0; depth < 200; depth++) value = { arrayValue: { values: [value] } }
    const text = JSON.stringify(otlp(first, a, { attributes: [{ key: 'k', value }] }))
    expect(refusalOf(text)).toContain('nested too deeply')
  })
})
