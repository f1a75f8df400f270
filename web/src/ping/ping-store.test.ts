import type { RequestListener, ServerResponse } from 'node:http'
import { afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import {
  deadUrl,
  type OtlpEndpoint,
  pretendToBeAPage,
  startOtlpEndpoint,
  startServer,
  type TestServer,
} from '../page.test-support.ts'
import { startTracing } from '../tracing/index.ts'
import { type Call, callUrl } from './call.ts'
import { takeApart } from './carrier.ts'
import { createPingStore, maxCalls, type PingStoreOptions } from './ping-store.ts'

vi.mock(
  '@opentelemetry/exporter-trace-otlp-http',
  () => import('@opentelemetry/exporter-trace-otlp-http/build/src/platform/browser/index.js'),
)

let otlp: OtlpEndpoint
const servers: TestServer[] = []

beforeAll(async () => {
  pretendToBeAPage()
  otlp = await startOtlpEndpoint()
  startTracing({ endpoint: otlp.url, serviceName: 'test', propagateTo: [] })
  return () => otlp.close()
})
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function storeFor(api: RequestListener | string, options: Partial<PingStoreOptions> = {}) {
  let url = api
  if (typeof url === 'function') {
    const server = await startServer(url)
    servers.push(server)
    url = server.url
  }
  const apiUrl = url
  const store = createPingStore({ apiUrl: () => apiUrl, ...options })
  return { store, apiUrl, calls: () => store.getState().calls }
}

/** Answers each request when the test says so. */
function heldBack() {
  const waiting: ServerResponse[] = []
  const api: RequestListener = (_request, response) => void waiting.push(response)
  return { waiting, api }
}

test('a call is shown from the click on, and then with its answer', async () => {
  const { waiting, api } = heldBack()
  const { store, apiUrl } = await storeFor(api)
  const ping = store.getState().ping()

  expect(store.getState().current).toEqual<Call>({
    id: 1,
    auto: false,
    url: `${apiUrl}/ping`,
    state: 'running',
    traceId: expect.stringMatching(/^[\da-f]{32}$/),
    spanId: expect.stringMatching(/^[\da-f]{16}$/),
    carrier: {},
  })
  await vi.waitUntil(() => waiting.length === 1)
  waiting[0]?.end('hello')
  await ping
  expect(store.getState().current).toMatchObject({
    state: 'done',
    status: 200,
    bytes: 5,
    durationMs: expect.any(Number),
  })
})

test('the chosen leg is called, and its trace is exported', async () => {
  const { store } = await storeFor((request, response) => void response.end(request.url))
  store.getState().setLeg('mongo')
  store.getState().setLength(5)
  await store.getState().ping()

  const { current } = store.getState()
  expect(current?.url).toMatch(/\/mongo\/5$/)
  const span = await vi.waitUntil(() => otlp.spans.find(({ spanId }) => spanId === current?.spanId))
  expect(span).toMatchObject({ name: 'client operation', traceId: current?.traceId })
})

test('the address of the API may have a path', () => {
  expect(callUrl('http://api.test/v1/', 'redis', 7).href).toBe('http://api.test/v1/redis/7')
})

test('overlapping calls end independently; the newest is the current one', async () => {
  const { waiting, api } = heldBack()
  const { store, calls } = await storeFor(api)
  const both = [store.getState().ping(), store.getState().ping()]
  await vi.waitUntil(() => waiting.length === 2)
  expect(calls().map(({ state }) => state)).toEqual(['running', 'running'])
  waiting[1]?.end()
  await vi.waitUntil(() => calls().some(({ state }) => state === 'done'))
  expect(calls().filter(({ state }) => state === 'running')).toHaveLength(1)
  waiting[0]?.end()
  await Promise.all(both)

  expect(calls().map(({ id, state }) => [id, state])).toEqual([
    [2, 'done'],
    [1, 'done'],
  ])
  expect(store.getState().current?.id).toBe(2)
})

test('the list is bounded, and forgets the oldest', async () => {
  const { store, calls } = await storeFor((_request, response) => void response.end())
  await Promise.all(Array.from({ length: maxCalls + 1 }, () => store.getState().ping()))
  expect(calls()).toHaveLength(maxCalls)
  expect(calls().at(-1)?.id).toBe(2)
})

test('503 names what failed behind the API, and why', async () => {
  const failed = [
    { leg: 'redis', reason: 'ECONNREFUSED' },
    { leg: 'mongodb', reason: 'MongoServerSelectionError' },
  ]
  const { store } = await storeFor((_request, response) => {
    const problem = { title: 'Service Unavailable', status: 503, detail: 'redis …', failed }
    response
      .writeHead(503, { 'content-type': 'application/problem+json' })
      .end(JSON.stringify(problem))
  })
  await store.getState().ping()
  expect(store.getState().current).toMatchObject({
    state: 'failed',
    status: 503,
    failure: { summary: expect.stringMatching(/^Service Unavailable/), legs: failed },
  })
})

test.each([
  [
    'application/problem+json',
    '{"title":"Bad Request","detail":"Too long."}',
    'Bad Request: Too long.',
  ],
  ['application/problem+json', 'not JSON', 'The API answered with status 400'],
  ['text/html', '<h1>{"title":"no"}</h1>', 'The API answered with status 400'],
])('a 400 with %s is put into words', async (contentType, body, summary) => {
  const { store } = await storeFor((_request, response) => {
    response.writeHead(400, { 'content-type': contentType }).end(body)
  })
  await store.getState().ping()
  expect(store.getState().current?.failure).toEqual({ summary })
})

test('a server that is away is unreachable', async () => {
  const { store, apiUrl } = await storeFor(await deadUrl())
  await store.getState().ping()
  expect(store.getState().current).toMatchObject({
    state: 'failed',
    failure: { summary: `The API cannot be reached at ${apiUrl}.`, advice: expect.any(String) },
  })
  expect(store.getState().current).not.toHaveProperty('status')
})

test('a server that answers the probe probably refused by CORS; the probe is not traced', async () => {
  const asked: string[] = []
  // As the page sees a refusal: no answer to the request, and one to the no-cors probe.
  const { store, apiUrl } = await storeFor((request, response) => {
    asked.push(`${request.url} ${request.headers['sec-fetch-mode']}`)
    if (request.url === '/health') response.end()
    else response.destroy()
  })
  await store.getState().ping()
  const { current } = store.getState()
  expect(current?.failure).toEqual({
    summary: expect.stringMatching(/probably refused by CORS/),
    advice: expect.stringContaining('http://page.test'),
  })
  expect(asked).toEqual(['/ping cors', '/health no-cors'])
  await vi.waitUntil(() => otlp.spans.some((span) => span.spanId === current?.spanId))
  const urls = otlp.spans.map(({ attributes }) => attributes['url.full'])
  expect(urls).toContain(`${apiUrl}/ping`)
  expect(urls).not.toContain(`${apiUrl}/health`)
})

test('an API that does not answer in time is told apart', async () => {
  const { store } = await storeFor(() => undefined, { timeoutMs: 30 })
  await store.getState().ping()
  expect(store.getState().current?.failure?.summary).toMatch(/did not answer within/)
})

test('auto-ping starts at once, never piles up, survives failures, and stops', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const { waiting, api } = heldBack()
  const { store, calls } = await storeFor(api)

  store.getState().setAutoPing(true)
  expect(calls()).toHaveLength(1)
  vi.advanceTimersByTime(60_000)
  expect(calls()).toHaveLength(1)

  await vi.waitUntil(() => waiting.length === 1)
  waiting[0]?.writeHead(503).end()
  await vi.waitUntil(() => calls()[0]?.state === 'failed')
  vi.advanceTimersByTime(5_000)
  expect(calls()).toHaveLength(2)

  await vi.waitUntil(() => waiting.length === 2)
  waiting[1]?.end()
  await vi.waitUntil(() => calls()[0]?.state === 'done')
  expect(calls().map(({ auto }) => auto)).toEqual([true, true])

  const byHand = store.getState().ping()
  expect(calls()[0]?.auto).toBe(false)
  await vi.waitUntil(() => waiting.length === 3)
  waiting[2]?.end()
  await byHand
  store.getState().setAutoPing(false)
  vi.advanceTimersByTime(60_000)
  expect(calls()).toHaveLength(3)
})

test('a carrier is taken apart, and an odd one is not', () => {
  const traceparent = '00-a9c3b99a95cc045e573e163c3ac80a77-d99d251a8caecd06-01'
  expect(takeApart({ traceparent })).toEqual({
    version: '00',
    traceId: 'a9c3b99a95cc045e573e163c3ac80a77',
    parentId: 'd99d251a8caecd06',
    flags: '01',
  })
  expect(takeApart({})).toBeUndefined()
  expect(takeApart({ traceparent: '00-1-2-01' })).toBeUndefined()
})
