import type { IncomingHttpHeaders } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import {
  bodyOf,
  deadUrl,
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
let stranger: TestServer
let seen: IncomingHttpHeaders[]
const servers: TestServer[] = []

beforeAll(async () => {
  pretendToBeAPage()
  otlp = await startOtlpEndpoint()
  api = await startServer((request, response) => {
    seen.push(request.headers)
    const status = Number(new URL(request.url ?? '', 'http://api').searchParams.get('status'))
    response.writeHead(status || 200, { 'content-type': 'text/plain' }).end('größe')
  })
  stranger = await startServer((request, response) => {
    seen.push(request.headers)
    response.end()
  })
  servers.push(otlp, api, stranger)
  startTracing({ endpoint: otlp.url, serviceName: 'test', propagateTo: [`${api.url}/whatever`] })
})
beforeEach(() => {
  seen = []
})
afterAll(() => Promise.all(servers.map((server) => server.close())))

/** The span as it arrived over OTLP. */
async function exported(spanId: string) {
  return await vi.waitUntil(() => otlp.spans.find((span) => span.spanId === spanId))
}

test('the header that arrives names the span that is exported', async () => {
  const request = tracedFetch(new URL('/ping', api.url), { name: 'client operation' })
  await bodyOf(request)
  const span = await exported(request.spanId)

  expect(seen[0]?.traceparent).toBe(`00-${span.traceId}-${span.spanId}-03`)
  expect(request.carrier).toEqual({ traceparent: seen[0]?.traceparent })
  expect(span).toMatchObject({
    traceId: request.traceId,
    parentSpanId: undefined,
    name: 'client operation',
    kind: 'client',
    status: { code: 'unset' },
  })
})

test('the response is the one that fetch gives, and the span is over at its last byte', async () => {
  let finish: () => void = () => undefined
  const slow = await startServer((_request, response) => {
    response.writeHead(201, 'Made', { 'x-mine': '1', 'content-type': 'text/plain' })
    response.write('first ')
    finish = () => void response.end('last')
  })
  servers.push(slow)
  const request = tracedFetch(new URL(slow.url), { name: 'op' })
  const response = await request.response
  expect(response).toMatchObject({ status: 201, statusText: 'Made', url: `${slow.url}/`, ok: true })
  expect(response.headers.get('x-mine')).toBe('1')
  const before = BigInt(Date.now()) * 1_000_000n
  finish()
  expect(await response.text()).toBe('first last')
  expect((await exported(request.spanId)).end).toBeGreaterThanOrEqual(before)
})

test('bytes come through as they are, and as they come', async () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => at % 251)
  const binary = await startServer((_request, response) => void response.end(bytes))
  servers.push(binary)
  const request = tracedFetch(new URL(binary.url), { name: 'op' })
  expect(new Uint8Array(await (await request.response).arrayBuffer())).toEqual(bytes)
})

test('a response whose body nobody reads ends its span all the same; so does one without', async () => {
  const unread = tracedFetch(new URL('/ping', api.url), { name: 'op' })
  expect((await unread.response).ok).toBe(true)
  await exported(unread.spanId)
  const empty = tracedFetch(new URL('/ping?status=204', api.url), { name: 'op' })
  expect((await empty.response).body).toBeNull()
  expect(await exported(empty.spanId)).toMatchObject({ status: { code: 'unset' } })
})

test('a reader that has enough ends the span, and the server hears of it', async () => {
  let gone: () => void = () => undefined
  const left = new Promise<void>((resolve) => (gone = resolve))
  const endless = await startServer((_request, response) => {
    response.once('close', gone)
    response.write('data: 1\n\n')
  })
  servers.push(endless)
  const request = tracedFetch(new URL(endless.url), { name: 'op' })
  const reader = (await request.response).body!.getReader()
  await reader.read()
  await reader.cancel()
  await left
  expect(await exported(request.spanId)).toMatchObject({ status: { code: 'unset' } })
})

test('a large body is not read before somebody reads it', async () => {
  let written = 0
  const chunk = Buffer.alloc(1_048_576)
  const large = await startServer((_request, response) => {
    const write = () => {
      while (written < 256 && response.write(chunk)) written++
      if (written++ < 256) response.once('drain', write)
      else response.end()
    }
    write()
  })
  servers.push(large)
  const request = tracedFetch(new URL(large.url), { name: 'op' })
  const response = await request.response
  let read = 0
  for await (const part of response.body!) {
    if (read === 0) expect(written).toBeLessThan(128)
    read += part.byteLength
  }
  expect(read).toBeGreaterThan(128 * chunk.byteLength)
  await exported(request.spanId)
})

test('the attributes are those of an HTTP client, without query and credentials', async () => {
  const url = new URL('/redis/5?token=secret', api.url)
  url.username = 'me'
  url.password = 'secret'
  // `fetch` refuses credentials in a URL: the request fails, and the span must still not hold them.
  const request = tracedFetch(url, { name: 'op', method: 'post' })
  await expect(request.response).rejects.toThrow(TypeError)
  const span = await exported(request.spanId)

  expect({ ...span.attributes }).toMatchObject({
    'http.request.method': 'POST',
    'server.address': '127.0.0.1',
    'server.port': BigInt(new URL(api.url).port),
    'url.full': `${api.url}/redis/5`,
  })
})

test.each([
  ['post', { 'http.request.method': 'POST' }],
  ['PATCH', { 'http.request.method': 'PATCH' }],
  ['patch', { 'http.request.method': '_OTHER', 'http.request.method_original': 'patch' }],
  ['PURGE', { 'http.request.method': '_OTHER', 'http.request.method_original': 'PURGE' }],
])('the method %s is told as it was sent, and as _OTHER when unknown', async (method, expected) => {
  const request = tracedFetch(new URL(api.url), { name: 'op', method })
  await bodyOf(request)
  const { attributes } = await exported(request.spanId)
  const told = Object.entries(attributes).filter(([key]) => key.startsWith('http.request.method'))
  expect(Object.fromEntries(told)).toEqual(expected)
})

test('the headers of the caller stay', async () => {
  const headers = { accept: 'text/plain', 'x-mine': '1' }
  await bodyOf(tracedFetch(new URL(api.url), { name: 'op', headers }))
  expect(seen[0]).toMatchObject({ ...headers, traceparent: expect.any(String) })
})

test('an origin that is not on the list gets no header, and its span is exported', async () => {
  const request = tracedFetch(new URL('/ping', stranger.url), { name: 'op' })
  await bodyOf(request)

  expect(request.carrier).toEqual({})
  expect(seen[0]).not.toHaveProperty('traceparent')
  expect(await exported(request.spanId)).toMatchObject({ traceId: request.traceId })
})

test.each([404, 503])('status %i is an error of the client span', async (status) => {
  const request = tracedFetch(new URL(`/ping?status=${status}`, api.url), { name: 'op' })
  expect(await request.response).toMatchObject({ status })
  const span = await exported(request.spanId)

  expect(span.status.code).toBe('error')
  expect({ ...span.attributes }).toMatchObject({
    'http.response.status_code': BigInt(status),
    'error.type': String(status),
  })
})

test('a network failure ends the span with the exception, inside its duration', async () => {
  const request = tracedFetch(new URL(await deadUrl()), { name: 'op' })
  await expect(request.response).rejects.toThrow(TypeError)
  const span = await exported(request.spanId)

  expect(span.status).toEqual({ code: 'error', message: 'fetch failed' })
  expect(span.attributes['error.type']).toBe('TypeError')
  const exception = span.events.find(({ name }) => name === 'exception')
  expect(exception?.attributes['exception.type']).toBe('TypeError')
  expect(exception?.time).toBe(span.end)
})

test('a response that breaks off is a failure', async () => {
  const server = await startServer((_request, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('only this', () => {
      response.destroy()
    })
  })
  servers.push(server)
  const request = tracedFetch(new URL(server.url), { name: 'op' })
  await expect(bodyOf(request)).rejects.toThrow(TypeError)
  expect(await exported(request.spanId)).toMatchObject({ status: { code: 'error' } })
})

test('an intended abort is no error; a deadline is one', async () => {
  const silent = await startServer(() => undefined)
  servers.push(silent)
  const controller = new AbortController()
  const signal = controller.signal
  const aborted = tracedFetch(new URL(silent.url), { name: 'op', signal })
  controller.abort()
  const late = tracedFetch(new URL(silent.url), { name: 'op', signal: AbortSignal.timeout(20) })

  await expect(aborted.response).rejects.toMatchObject({ name: 'AbortError' })
  await expect(late.response).rejects.toMatchObject({ name: 'TimeoutError' })
  expect(await exported(aborted.spanId)).toMatchObject({ status: { code: 'unset' }, events: [] })
  expect(await exported(late.spanId)).toMatchObject({ status: { code: 'error' } })
})

test('parallel requests are traces of their own', async () => {
  const requests = Array.from({ length: 30 }, (_, index) =>
    tracedFetch(new URL(`/ping?${index}`, api.url), { name: 'op' }),
  )
  await Promise.all(requests.map(bodyOf))

  expect(new Set(requests.map(({ traceId }) => traceId)).size).toBe(30)
  expect(new Set(seen.map(({ traceparent }) => traceparent))).toEqual(
    new Set(requests.map(({ carrier }) => carrier.traceparent)),
  )
})
