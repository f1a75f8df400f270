import { trace } from '@opentelemetry/api'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { pretendToBeAPage, readBody, startServer, type TestServer } from '../page.test-support.ts'
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
    countExports: true,
  })
})
afterAll(() => collector.close())

function endSpans(count: number): string[] {
  return Array.from({ length: count }, () => {
    const span = trace.getTracer('test').startSpan('span')
    span.end()
    return span.spanContext().traceId
  })
}

test('a flush tells what arrived since the one before, by trace', async () => {
  status = 200
  const open = trace.getTracer('test').startSpan('open')
  const traceIds = endSpans(3)
  const { traces } = await flushTracing()
  expect(traces).toEqual(
    Object.fromEntries(traceIds.map((id) => [id, { exported: 1, dropped: 0 }])),
  )

  open.end()
  expect(await flushTracing()).toEqual({
    traces: { [open.spanContext().traceId]: { exported: 1, dropped: 0 } },
  })
  expect(await flushTracing()).toEqual({ traces: {} })
})

test('what the collector refuses is dropped, and a flush does not fail for it', async () => {
  status = 400
  const traceIds = endSpans(2)
  const { traces } = await flushTracing()
  expect(traces).toEqual(
    Object.fromEntries(traceIds.map((id) => [id, { exported: 0, dropped: 1 }])),
  )
})

test('no span goes uncounted, be they more than any queue holds', async () => {
  status = 200
  const traceIds = endSpans(3_000)
  const { traces } = await flushTracing()
  expect(Object.keys(traces).sort()).toEqual(traceIds.sort())
})
