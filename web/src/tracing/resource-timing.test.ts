import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import {
  bodyOf,
  type OtlpEndpoint,
  pretendToBeAPage,
  startOtlpEndpoint,
  startServer,
  type TestPage,
  type TestServer,
} from '../page.test-support.ts'
import { startTracing, tracedFetch } from './index.ts'

vi.mock(
  '@opentelemetry/exporter-trace-otlp-http',
  () => import('@opentelemetry/exporter-trace-otlp-http/build/src/platform/browser/index.js'),
)

const RealObserver = PerformanceObserver
let page: TestPage
let otlp: OtlpEndpoint
let api: TestServer
/** When `fetch` was called: there the entry of the request starts. */
let calls: number[]

beforeAll(async () => {
  page = pretendToBeAPage()
  otlp = await startOtlpEndpoint()
  api = await startServer((_request, response) => void response.end('hello'))
  startTracing({ endpoint: otlp.url, serviceName: 'test', propagateTo: [api.url] })
  const realFetch = fetch
  vi.stubGlobal('fetch', (...input: Parameters<typeof fetch>) => {
    calls.push(performance.now())
    return realFetch(...input)
  })
})
beforeEach(() => {
  calls = []
})
afterEach(() => {
  FakeObserver.all.length = 0
  vi.stubGlobal('PerformanceObserver', RealObserver)
})
afterAll(async () => {
  await api.close()
  await otlp.close()
})

/** A browser's observer, which hears of an entry when the test says so. */
class FakeObserver {
  static readonly all: FakeObserver[] = []
  readonly tell: (entries: Partial<PerformanceResourceTiming>[]) => void
  records: Partial<PerformanceResourceTiming>[] = []
  connected = false

  constructor(callback: (list: { getEntries(): unknown }) => void) {
    this.tell = (entries) => callback({ getEntries: () => entries })
    FakeObserver.all.push(this)
  }
  observe(): void {
    this.connected = true
  }
  takeRecords() {
    return this.records.splice(0)
  }
  disconnect(): void {
    this.connected = false
  }
}

/** As a browser makes it when the response allows all; `millis` after the page's time origin. */
function entry(startTime: number, millis: Partial<Record<string, number>> = {}) {
  const unset = { domainLookupStart: 0, domainLookupEnd: 0, connectStart: 0, connectEnd: 0 }
  const rest = { secureConnectionStart: 0, requestStart: 0, responseStart: 0 }
  return {
    name: `${api.url}/`,
    startTime,
    fetchStart: startTime,
    responseEnd: performance.now(),
    nextHopProtocol: '',
    ...unset,
    ...rest,
    ...millis,
  }
}

async function exported(spanId: string) {
  return await vi.waitUntil(() => otlp.spans.find((span) => span.spanId === spanId))
}

const fetchTraced = () => tracedFetch(new URL(api.url), { name: 'op' })

test('what the platform knows of the request is on its span, in order and inside it', async () => {
  const request = fetchTraced()
  await bodyOf(request)
  const span = await exported(request.spanId)

  const names = span.events.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['fetchStart', 'requestStart', 'responseEnd']))
  const times = span.events.map(({ time }) => time)
  expect(times).toEqual([...times].sort())
  expect(times.every((time) => time >= span.start && time <= span.end)).toBe(true)
  expect(span.attributes).not.toHaveProperty('resource_timing.unknown')
})

test('zeros of a server that allows nothing are unknown, not moments', async () => {
  vi.stubGlobal('PerformanceObserver', FakeObserver)
  const request = fetchTraced()
  const [call = 0] = calls
  // The one of a request before, and that of a later one, are others'.
  FakeObserver.all[0]?.records.push(entry(call - 100, { requestStart: call }), entry(call))
  FakeObserver.all[0]?.records.push(entry(call + 100, { requestStart: call }))
  await bodyOf(request)
  const span = await exported(request.spanId)

  expect(span.events.map(({ name }) => name)).toEqual(['fetchStart', 'responseEnd'])
  expect(span.attributes['resource_timing.unknown']).toMatch(/Timing-Allow-Origin/)
  expect(span.attributes).not.toHaveProperty('network.protocol.version')
})

test('a late entry delays the span, but neither its end nor the application', async () => {
  vi.stubGlobal('PerformanceObserver', FakeObserver)
  const request = fetchTraced()
  const [call = 0] = calls
  await bodyOf(request)
  const resolvedAt = BigInt(Date.now() + 1) * 1_000_000n
  expect(otlp.spans.some(({ spanId }) => spanId === request.spanId)).toBe(false)

  const moments = { requestStart: call, responseStart: call + 1e9 }
  FakeObserver.all[0]?.tell([{ ...entry(call, moments), nextHopProtocol: 'h2' }])
  const span = await exported(request.spanId)
  expect(span.end).toBeLessThan(resolvedAt)
  expect(span.events.map(({ name }) => name)).toContain('requestStart')
  expect(span.events.find(({ name }) => name === 'responseStart')?.time).toBe(span.end)
  expect(span.attributes['network.protocol.version']).toBe('2')
  expect(FakeObserver.all[0]?.connected).toBe(false)
})

test.each([
  ['never tells', FakeObserver],
  ['knows nothing of performance entries', undefined],
])('a browser that %s: the span says so', async (_what, observer) => {
  vi.stubGlobal('PerformanceObserver', observer)
  const request = fetchTraced()
  await bodyOf(request)
  const span = await exported(request.spanId)

  expect(span.attributes['resource_timing.unknown']).toBe(
    'the browser reported no timing for this request',
  )
  expect(span.events).toEqual([])
})

test('a span that waits for its timing when the page is left is no interrupted one', async () => {
  vi.stubGlobal('PerformanceObserver', FakeObserver)
  const request = fetchTraced()
  await bodyOf(request)
  page.dispatch('pagehide')
  const span = await exported(request.spanId)
  expect(span.attributes).not.toHaveProperty('operation.interrupted')
})

test('each of several requests to one URL has its own timing', async () => {
  vi.stubGlobal('PerformanceObserver', FakeObserver)
  const requests = [fetchTraced(), fetchTraced(), fetchTraced()]
  const parallel = [...calls]
  // The last to start is the first to hear; the entry tells by its requestStart whose it is.
  const entries = parallel.map((call, index) => entry(call, { requestStart: call + index / 10 }))
  for (const observer of FakeObserver.all) observer.records.push(...entries.toReversed())
  await Promise.all(requests.map(bodyOf))

  for (const [index, { spanId }] of requests.entries()) {
    const { events } = await exported(spanId)
    const time = (name: string) => Number(events.find((event) => event.name === name)?.time)
    const wait = (time('requestStart') - time('fetchStart')) / 1e6
    expect(wait).toBeCloseTo(index / 10, 2)
  }
})
