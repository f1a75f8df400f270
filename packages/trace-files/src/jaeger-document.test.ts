import { readSpans } from '@pingtrace/otlp'
import { expect, it } from 'vitest'
import { readTraceFile } from './read-trace-file.ts'

/** As Jaeger's page downloads it. */
const download = {
  data: [
    {
      traceID: '1a2b',
      spans: [
        {
          traceID: '1a2b',
          spanID: '0c',
          operationName: 'charge',
          references: [
            { refType: 'FOLLOWS_FROM', traceID: 'ffff', spanID: '1' },
            { refType: 'CHILD_OF', traceID: '1a2b', spanID: 'a' },
          ],
          startTime: 1_700_000_000_000_001,
          duration: 250,
          tags: [
            { key: 'span.kind', type: 'string', value: 'client' },
            { key: 'otel.status_code', type: 'string', value: 'ERROR' },
            { key: 'otel.status_description', type: 'string', value: 'declined' },
            { key: 'otel.scope.name', type: 'string', value: 'orders' },
            { key: 'otel.scope.version', type: 'string', value: '2.0' },
            { key: 'w3c.tracestate', type: 'string', value: 'k=v' },
            { key: 'cents', type: 'int64', value: '9007199254740993' },
            { key: 'rate', type: 'float64', value: 1.5 },
            { key: 'paid', type: 'bool', value: false },
            { key: 'raw', type: 'binary', value: 'AAE=' },
          ],
          logs: [
            {
              timestamp: 1_700_000_000_000_100,
              fields: [
                { key: 'event', type: 'string', value: 'exception' },
                { key: 'exception.type', type: 'string', value: 'Declined' },
              ],
            },
          ],
          processID: 'p1',
          warnings: null,
        },
        {
          traceID: '1a2b',
          spanID: 'a',
          operationName: 'order',
          references: [],
          startTime: 1_700_000_000_000_000,
          duration: 300,
          tags: [{ key: 'error', type: 'bool', value: true }],
          logs: [],
          processID: 'p2',
        },
      ],
      processes: {
        p1: { serviceName: 'payment', tags: [{ key: 'host.name', type: 'string', value: 'h' }] },
        p2: { serviceName: 'shop' },
      },
    },
  ],
  total: 0,
  errors: null,
}

const read = (document: object) => [...readTraceFile(JSON.stringify(document))]

it('reads a span of Jaeger as the span of OTLP that it was', () => {
  const [[traceId, data]] = read(download) as [[string, object]]
  expect(traceId).toBe('1a2b'.padStart(32, '0'))
  const [charge, order] = readSpans(data)
  expect(charge).toMatchObject({
    traceId,
    spanId: '000000000000000c',
    parentSpanId: '000000000000000a',
    name: 'charge',
    kind: 'client',
    start: 1_700_000_000_000_001_000n,
    end: 1_700_000_000_000_251_000n,
    status: { code: 'error', message: 'declined' },
    traceState: 'k=v',
    service: 'payment',
    resource: { 'service.name': 'payment', 'host.name': 'h' },
    scope: { name: 'orders', version: '2.0' },
    events: [
      {
        name: 'exception',
        time: 1_700_000_000_000_100_000n,
        attributes: { 'exception.type': 'Declined' },
      },
    ],
    links: [{ traceId: 'ffff'.padStart(32, '0'), spanId: '0000000000000001' }],
  })
  expect({ ...charge!.attributes }).toEqual({
    cents: 9007199254740993n,
    rate: 1.5,
    paid: false,
    raw: 'AAE=',
  })
  expect(order).toMatchObject({
    parentSpanId: undefined,
    kind: 'unspecified',
    status: { code: 'error' },
    service: 'shop',
  })
})

it('hangs a span under what it follows from, where it names no parent', () => {
  const [order] = download.data[0]!.spans.slice(1)
  const follows = {
    ...order,
    spanID: 'b',
    references: [{ refType: 'FOLLOWS_FROM', traceID: '1a2b', spanID: 'a' }],
  }
  const { processes } = download.data[0]!
  const [[, data]] = read({ data: [{ spans: [order, follows], processes }] }) as [[string, object]]
  expect(readSpans(data)[1]).toMatchObject({ parentSpanId: '000000000000000a', links: [] })
})

it.each([
  [{ spanID: 'not hex' }, 'spans[0].spanID must be up to 16 hex digits'],
  [{ traceID: '1'.repeat(33) }, 'spans[0].traceID must be up to 32 hex digits'],
  [{ startTime: 'now' }, 'spans[0].startTime must be a whole number'],
  [{ duration: undefined }, 'spans[0].duration is missing'],
  [{ processID: 'p9' }, 'spans[0].processID names no process of the trace'],
  [{ tags: [{ key: 'k', value: {} }] }, 'tags[0].value must be a text, a number or a boolean'],
])('refuses %j', (wrong, reason) => {
  const [trace] = download.data
  const spans = [{ ...trace!.spans[0], ...wrong }]
  expect(() => read({ data: [{ ...trace, spans }] })).toThrow(reason)
})
