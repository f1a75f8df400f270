import { diag, trace } from '@opentelemetry/api'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type OtlpEndpoint, pretendToBeAPage, startOtlpEndpoint } from '../page.test-support.ts'
import { startTracing } from './index.ts'

vi.mock(
  '@opentelemetry/exporter-trace-otlp-http',
  () => import('@opentelemetry/exporter-trace-otlp-http/build/src/platform/browser/index.js'),
)

let otlp: OtlpEndpoint
const told: string[] = []
const tell = (...words: unknown[]) => void told.push(words.join(' '))

beforeAll(async () => {
  pretendToBeAPage()
  diag.setLogger({ error: tell, warn: tell, info: tell, debug: tell, verbose: tell })
  otlp = await startOtlpEndpoint()
})
afterAll(() => otlp.close())

async function exportSpan(name: string) {
  trace.getTracer('test', '1.2.3').startSpan(name).end()
  return await vi.waitUntil(() => otlp.spans.find((span) => span.name === name))
}

test('the resource says what the SDK, the browser and the options say', async () => {
  startTracing({
    endpoint: otlp.url,
    headers: { authorization: 'Bearer a-token-of-senders' },
    serviceName: 'my-page',
    serviceVersion: '7',
    resourceAttributes: { 'deployment.environment.name': 'test', 'service.name': 'overridden' },
    propagateTo: [],
  })
  const span = await exportSpan('first')
  expect({ ...span.resource }).toMatchObject({
    'service.name': 'my-page',
    'service.version': '7',
    'deployment.environment.name': 'test',
    'telemetry.sdk.name': 'opentelemetry',
    'browser.brands': ['Chromium 140'],
    'browser.language': 'de',
    'browser.mobile': false,
    'browser.platform': 'Linux',
    'user_agent.original': 'Test/1.0',
  })
  expect(span.scope).toEqual({ name: 'test', version: '1.2.3' })
  expect(otlp.headers.at(-1)).toMatchObject({ authorization: 'Bearer a-token-of-senders' })
})

test('a second start registers nothing and complains about nothing', async () => {
  told.length = 0
  startTracing({ endpoint: otlp.url, serviceName: 'second', propagateTo: [] })
  const span = await exportSpan('after the second start')

  expect(span.service).toBe('my-page')
  expect(otlp.spans.filter(({ spanId }) => spanId === span.spanId)).toHaveLength(1)
  expect(told.join()).not.toMatch(/duplicate registration/)
})

test('a hot reload, which evaluates the modules anew, registers nothing either', async () => {
  told.length = 0
  vi.resetModules()
  const reloaded = await import('./index.ts')
  expect(reloaded.startTracing).not.toBe(startTracing)
  reloaded.startTracing({ endpoint: otlp.url, serviceName: 'reloaded', propagateTo: [] })
  const span = await exportSpan('after the hot reload')

  expect(span.service).toBe('my-page')
  await reloaded.flushTracing()
  expect(otlp.spans.filter(({ spanId }) => spanId === span.spanId)).toHaveLength(1)
  expect(told.join()).not.toMatch(/duplicate registration/)
})

test('a partial success is told, with the words of the collector', async () => {
  otlp.answer = { partialSuccess: { rejectedSpans: '1', errorMessage: 'id of zeros' } }
  await exportSpan('rejected')
  await vi.waitUntil(() => told.includes('the collector rejected 1 spans: id of zeros'))
})

test('ids are random, of full length, and never all zeros', async () => {
  const zeros = vi.spyOn(crypto, 'getRandomValues').mockImplementationOnce((array) => array)
  const ids = Array.from({ length: 1_000 }, () => trace.getTracer('test').startSpan('id'))
  for (const span of ids) {
    expect(span.spanContext().traceId).toMatch(/^(?!0+$)[\da-f]{32}$/)
    expect(span.spanContext().spanId).toMatch(/^(?!0+$)[\da-f]{16}$/)
  }
  expect(new Set(ids.map((span) => span.spanContext().traceId)).size).toBe(1_000)
  // The span id and the trace id of each, and once more for the id of zeros.
  expect(zeros).toHaveBeenCalledTimes(2_001)
  zeros.mockRestore()
})
