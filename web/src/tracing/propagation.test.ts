import type { IncomingHttpHeaders } from 'node:http'
import { propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { carrierOf, PARENT_ID, TRACE_ID, w3cCases } from '@pingtrace/trace-context/w3c-cases'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import {
  bodyOf,
  type OtlpEndpoint,
  pretendToBeAPage,
  startOtlpEndpoint,
  startServer,
  type TestServer,
} from '../page.test-support.ts'
import { startTracing, tracedFetch } from './index.ts'

// What a bundler for browsers takes; Node would get the exporter for Node.
vi.mock(
  '@opentelemetry/exporter-trace-otlp-http',
  () => import('@opentelemetry/exporter-trace-otlp-http/build/src/platform/browser/index.js'),
)

let otlp: OtlpEndpoint
let api: TestServer
let received: IncomingHttpHeaders[] = []

beforeAll(async () => {
  pretendToBeAPage()
  otlp = await startOtlpEndpoint()
  api = await startServer((request, response) => {
    received.push(request.headers)
    response.end()
  })
  startTracing({ endpoint: otlp.url, serviceName: 'test', propagateTo: [api.url] })
})
beforeEach(() => {
  received = []
})
afterAll(() => Promise.all([otlp.close(), api.close()]))

// A page gets no headers, but it may be given a parent in their form: by a test that clicks in it,
// or by the server that wrote it. What the page makes of that obeys the same rules.
test.each(w3cCases)('a parent as in the harness’s test_$name', async ({ exchanges }) => {
  for (const exchange of exchanges) {
    received = []
    const parent = propagation.extract(ROOT_CONTEXT, carrierOf(exchange))
    const calls = Array.from({ length: exchange.calls }, () =>
      tracedFetch(new URL(api.url), { name: 'op', parent }),
    )
    await Promise.all(calls.map(bodyOf))

    expect(received).toHaveLength(exchange.calls)
    for (const { traceparent, tracestate = '' } of received) {
      const parts = /^00-([\da-f]{32})-([\da-f]{16})-0([0-3])$/.exec(traceparent?.toString() ?? '')
      const [, traceId, spanId, flags] = parts ?? []
      expect(traceId === TRACE_ID).toBe(exchange.extraction === undefined)
      expect(spanId).not.toBe(PARENT_ID)
      expect((Number(flags) & 2) !== 0).toBe(exchange.random)
      expect(tracestate).toBe(exchange.tracestate)
    }
    expect(new Set(calls.map(({ spanId }) => spanId)).size).toBe(exchange.calls)
  }
})

test('the page’s own traces are sampled and random', async () => {
  const request = tracedFetch(new URL(api.url), { name: 'op' })
  await bodyOf(request)
  const { carrier } = request
  expect(carrier.traceparent).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-03$/)
  expect(received[0]?.traceparent).toBe(carrier.traceparent)
})

test('baggage is neither read nor written', async () => {
  expect(propagation.getBaggage(propagation.extract(ROOT_CONTEXT, { baggage: 'a=1' }))).toBe(
    undefined,
  )
  const baggage = propagation.createBaggage({ user: { value: 'me' } })
  const parent = propagation.setBaggage(ROOT_CONTEXT, baggage)
  const request = tracedFetch(new URL(api.url), { name: 'op', parent })
  await bodyOf(request)
  const { carrier } = request
  expect(Object.keys(carrier)).toEqual(['traceparent'])
  expect(received[0]).not.toHaveProperty('baggage')
})

test('the header of the caller does not survive beside ours', async () => {
  const headers = { Traceparent: `00-${TRACE_ID}-${PARENT_ID}-01` }
  const request = tracedFetch(new URL(api.url), { name: 'op', headers })
  await bodyOf(request)
  const { traceId } = request
  expect(received[0]?.traceparent).toContain(traceId)
  expect(received[0]?.traceparent).not.toContain(',')
  expect(trace.getSpanContext(propagation.extract(ROOT_CONTEXT, received[0]))?.traceId).toBe(
    traceId,
  )
})
