import { type SpanContext, trace } from '@opentelemetry/api'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { pretendToBeAPage, readBody, startServer, type TestServer } from '../page.test-support.ts'
import { ExportLedger } from './export-ledger.ts'
import { flushTracing, startTracing } from './index.ts'

vi.mock(
  '@opentelemetry/exporter-trace-otlp-http',
  () => import('@opentelemetry/exporter-trace-otlp-http/build/src/platform/browser/index.js'),
)

let collector: TestServer
let status: number

beforeAll(async () => {
  pretendToBeAPage()
  collector = await startServer(async (request, response) => {
    await readBody(request)
    response.writeHead(status).end('{}')
  })
  startTracing({
    endpoint: collector.url,
    serviceName: 'test',
    propagateTo: [],
    ledger: new ExportLedger(),
  })
})
afterAll(() => collector.close())

function endSpans(count: number): SpanContext[] {
  return Array.from({ length: count }, () => {
    const span = trace.getTracer('test').startSpan('span')
    span.end()
    return span.spanContext()
  })
}

test('a flush tells what arrived and what still runs, by trace', async () => {
  status = 200
  const open = trace.getTracer('test').startSpan('open')
  const { traceId, spanId } = open.spanContext()
  const spans = endSpans(3)
  expect(await flushTracing()).toEqual({
    traces: {
      [traceId]: { exported: [], dropped: 0, open: 1 },
      ...Object.fromEntries(
        spans.map((each) => [each.traceId, { exported: [each.spanId], dropped: 0, open: 0 }]),
      ),
    },
  })

  open.end()
  const told = { traces: { [traceId]: { exported: [spanId], dropped: 0, open: 0 } } }
  expect(await flushTracing([traceId])).toEqual(told)
  expect(await flushTracing([traceId, 'another'])).toEqual(told)
})

test('what the collector refuses is dropped, and a flush does not fail for it', async () => {
  status = 400
  const traceIds = endSpans(2).map(({ traceId }) => traceId)
  const { traces } = await flushTracing(traceIds)
  expect(traces).toEqual(
    Object.fromEntries(traceIds.map((id) => [id, { exported: [], dropped: 1, open: 0 }])),
  )
})

test('no span goes uncounted, be they more than any queue holds', async () => {
  status = 200
  const traceIds = endSpans(3_000).map(({ traceId }) => traceId)
  const { traces } = await flushTracing(traceIds)
  expect(Object.values(traces).map(({ exported }) => exported.length)).toEqual(Array(3_000).fill(1))
})
