import { context, DiagLogLevel, diag, trace } from '@opentelemetry/api'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import {
  bodyOf,
  type OtlpEndpoint,
  pretendToBeAPage,
  startOtlpEndpoint,
  startServer,
  type TestPage,
  type TestServer,
} from '../page.test-support.ts'
import { flushTracing, startTracing, tracedFetch } from './index.ts'
import { clockOf, withClock } from './operation-clock.ts'

vi.mock(
  '@opentelemetry/exporter-trace-otlp-http',
  () => import('@opentelemetry/exporter-trace-otlp-http/build/src/platform/browser/index.js'),
)

let page: TestPage
let otlp: OtlpEndpoint
let api: TestServer
/** Lets the API answer the requests so far. */
let answer: () => void
const told: string[] = []

beforeAll(async () => {
  page = pretendToBeAPage()
  const tell = (...words: unknown[]) => void told.push(words.join(' '))
  const loggers = { error: tell, warn: tell, info: tell, debug: tell, verbose: tell }
  diag.setLogger(loggers, DiagLogLevel.WARN)
  otlp = await startOtlpEndpoint()
  api = await startServer(async (_request, response) => {
    await new Promise<void>((resolve) => {
      const before = answer
      answer = () => {
        before()
        resolve()
      }
    })
    response.end('late')
  })
  startTracing({ endpoint: otlp.url, serviceName: 'test', propagateTo: [] })
})
beforeEach(async () => {
  await flushTracing()
  answer = () => undefined
  told.length = 0
  otlp.spans.length = 0
  page.setHidden(false)
})
afterAll(async () => {
  await api.close()
  await otlp.close()
})

async function exported(name: string) {
  return await vi.waitUntil(() => otlp.spans.find((span) => span.name === name))
}

/** Starts `outer`, and `inner` inside it. */
function startOperation() {
  const operation = withClock(context.active())
  const clock = clockOf(operation)
  const tracer = trace.getTracer('test')
  const outer = tracer.startSpan('outer', { startTime: clock.now() }, operation)
  const within = trace.setSpan(operation, outer)
  const inner = tracer.startSpan('inner', { startTime: clock.now() }, within)
  return { outer, inner, clock }
}

test('what finished under an open root does not wait for it longer than the timer', async () => {
  const { outer, inner } = startOperation()
  inner.end()
  // The SDK's own delay is five seconds.
  await vi.waitUntil(() => otlp.spans.some(({ name }) => name === 'inner'), { timeout: 4_000 })
  outer.end()
})

test('hidden: what is finished leaves, what is open goes on and ends as if nothing was', async () => {
  const { outer, inner, clock } = startOperation()
  inner.end(clock.now())
  const posted = vi.spyOn(globalThis, 'fetch')
  page.setHidden(true)
  // At once: later there may be no page. This is long before any timer.
  await new Promise(setImmediate)
  expect(posted).toHaveBeenCalled()
  posted.mockRestore()
  await exported('inner')

  page.setHidden(false)
  outer.setAttribute('later', true)
  outer.end(clock.now())
  const { attributes } = await exported('outer')
  expect({ ...attributes }).toEqual({ later: true })
})

test('left: what is open ends now, children inside their parents, marked and no error', async () => {
  const { outer, inner } = startOperation()
  page.dispatch('pagehide')
  const child = await exported('inner')
  const parent = await exported('outer')

  for (const span of [child, parent]) {
    expect({ ...span.attributes }).toEqual({ 'operation.interrupted': true })
    expect(span.status.code).toBe('unset')
  }
  expect(child.parentSpanId).toBe(parent.spanId)
  expect(child.start).toBeGreaterThanOrEqual(parent.start)
  expect(child.end).toBeLessThanOrEqual(parent.end)
  expect([inner.isRecording(), outer.isRecording()]).toEqual([false, false])
})

test('back from the cache: a request that was cut ends only once, and new ones are whole', async () => {
  const cut = tracedFetch(new URL(api.url), { name: 'cut' })
  page.dispatch('pagehide')
  page.dispatch('pageshow')
  const { attributes } = await exported('cut')
  expect(attributes['operation.interrupted']).toBe(true)

  const whole = tracedFetch(new URL(api.url), { name: 'whole' })
  const over = bodyOf(whole)
  await vi.waitUntil(() => {
    answer()
    return Promise.race([over, undefined])
  })
  expect(await bodyOf(cut)).toBe('late')
  expect((await exported('whole')).attributes).not.toHaveProperty('operation.interrupted')
  await flushTracing()
  page.dispatch('pagehide')
  await flushTracing()
  expect(otlp.spans.map(({ name }) => name).sort()).toEqual(['cut', 'whole'])
  // Nobody is told of spans that were used after their end.
  expect(told).toEqual([])
})

test('spans that are never ended are not kept for ever', async () => {
  const spans = Array.from({ length: 600 }, () => trace.getTracer('test').startSpan('forgotten'))
  page.dispatch('pagehide')
  expect(spans.filter((span) => span.isRecording())).toHaveLength(100)
})
