import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  bodyOf,
  type OtlpEndpoint,
  pretendToBeAPage,
  startOtlpEndpoint,
  startServer,
  type TestServer,
} from '../page.test-support.ts'
// As an application that has copied this folder: from its index alone.
import { clockOf, flushTracing, startTracing, tracedFetch, withClock } from './index.ts'

// What a bundler for browsers takes; Node would get the exporter for Node.
vi.mock(
  '@opentelemetry/exporter-trace-otlp-http',
  () => import('@opentelemetry/exporter-trace-otlp-http/build/src/platform/browser/index.js'),
)

const OPERATIONS = 1_000
const tracer = trace.getTracer('an application')
let otlp: OtlpEndpoint
let api: TestServer

beforeAll(async () => {
  pretendToBeAPage()
  otlp = await startOtlpEndpoint()
  api = await startServer((_, response) => void response.end('fine'))
  startTracing({ endpoint: otlp.url, serviceName: 'an-application', propagateTo: [api.url] })
})
afterAll(() => Promise.all([otlp.close(), api.close()]))

/** A span around two requests. @returns the ids of the three */
async function operate() {
  const operation = withClock(ROOT_CONTEXT)
  const clock = clockOf(operation)
  const span = tracer.startSpan('operation', { startTime: clock.now() }, operation)
  const parent = trace.setSpan(operation, span)
  const first = tracedFetch(new URL('/first', api.url), { name: 'first', parent })
  await bodyOf(first)
  const second = tracedFetch(new URL('/second', api.url), { name: 'second', parent })
  await bodyOf(second)
  span.end(clock.now())
  return [span.spanContext().spanId, first.spanId, second.spanId] as const
}

test(`a span by hand around two requests: children lie inside it in each of ${OPERATIONS} traces`, {
  timeout: 60_000,
}, async () => {
  const done: Awaited<ReturnType<typeof operate>>[] = []
  const operateInTurn = async () => {
    while (done.length < OPERATIONS) done.push(await operate())
  }
  await Promise.all(Array.from({ length: 20 }, operateInTurn))
  await flushTracing()

  const byId = new Map(otlp.spans.map((span) => [span.spanId, span]))
  const outside: string[] = []
  for (const [operationId, firstId, secondId] of done) {
    const [operation, first, second] = [operationId, firstId, secondId].map((id) => byId.get(id))
    if (!operation || !first || !second) throw new Error(`${operationId} did not arrive whole`)
    expect([first.parentSpanId, second.parentSpanId]).toEqual([operationId, operationId])
    expect([first.traceId, second.traceId]).toEqual([operation.traceId, operation.traceId])
    const moments = [operation.start, first.start, first.end, second.start, second.end]
    moments.push(operation.end)
    const inOrder = moments.every((moment, i) => i === 0 || moment >= (moments[i - 1] ?? 0n))
    if (!inOrder) outside.push(`${operation.traceId}: ${moments.join(' ')}`)
  }
  expect(outside).toEqual([])

  // Nothing else has come: the exports made no span of their own.
  expect(otlp.spans).toHaveLength(3 * done.length)
  expect(otlp.headers.length).toBeGreaterThan(20)
  expect(otlp.headers.filter((headers) => 'traceparent' in headers)).toEqual([])
})
