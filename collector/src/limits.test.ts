/**
 * What happens at each limit that all senders or askers share (ARCHITECTURE.md, "Limits"): the
 * specified answer, and a collector that works as before. Those of one request: receivers/*.test.ts.
 */
import { once } from 'node:events'
import { connect as connectHttp2, constants as http2 } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { Client, credentials, type Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { readSpans, type TracesData } from '@pingtrace/otlp'
import { expect, it, onTestFinished, vi } from 'vitest'
import { bytesOf, field } from './otlp/testing.ts'
import type { ReceiverLimits } from './receivers/limits.ts'
import {
  openStream,
  postTraces,
  request,
  span,
  spanIdOf,
  startTestCollector,
  type TestCollector,
  traceIdOf,
} from './testing.ts'

const kilobyte = 1024
const small = request('shop', span(traceIdOf(1), spanIdOf(1)))
const large = request('shop', span(traceIdOf(2), spanIdOf(1), { name: 'x'.repeat(40 * kilobyte) }))

const start = (receiverLimits: Partial<ReceiverLimits>) =>
  startTestCollector(undefined, { receiverLimits })

function call({ ports }: TestCollector, message: Uint8Array): Promise<Metadata> {
  const client = new Client(`127.0.0.1:${ports.otlpGrpc}`, credentials.createInsecure())
  onTestFinished(() => client.close())
  const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
  const same = (bytes: Buffer) => bytes
  return new Promise((resolve, reject) => {
    const sent = client.makeUnaryRequest(path, same, same, Buffer.from(message), (error) => {
      if (error !== null) reject(error)
    })
    sent.on('metadata', resolve)
  })
}

/** Opens a connection and sends something; closed after the test. */
async function send(port: number, text: string | Uint8Array = ''): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => {
    socket.destroy()
  })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  if (text.length > 0) await new Promise<void>((resolve) => socket.write(text, () => resolve()))
  return socket
}

/** All that a server says until it closes. */
async function heard(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk
  })
  await once(socket, 'close')
  return text
}

const head = (length: number) =>
  `POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\n` +
  `Content-Length: ${length}\r\n\r\n`

/** Half of a large request, by HTTP, that then says no more. */
async function stuckUpload(collector: TestCollector): Promise<Socket> {
  const part = large.subarray(0, 30 * kilobyte)
  const bytes = Buffer.concat([Buffer.from(head(large.length)), part])
  return send(collector.ports.otlpHttp, bytes)
}

async function isHealthy(collector: TestCollector) {
  expect((await postTraces(collector.ports.otlpHttp, small)).status).toBe(200)
  await call(collector, small)
  expect((await collector.query(`/api/v3/traces/${traceIdOf(1)}`)).status).toBe(200)
}

it('past the memory of all requests a sender is told to come back, and then gets through', async () => {
  const collector = await start({ bytesInFlight: 60 * kilobyte })
  const socket = await stuckUpload(collector)
  const refused = await vi.waitUntil(async () => {
    const response = await postTraces(collector.ports.otlpHttp, large)
    return response.status === 503 ? response : undefined
  })
  expect(refused.headers.get('retry-after')).toBe('1')
  const error = (await call(collector, large).catch((error) => error)) as ServiceError
  expect(error.code).toBe(status.UNAVAILABLE)
  const [details] = error.metadata.get('grpc-status-details-bin')
  expect(String(details)).toContain('google.rpc.RetryInfo')
  // What is small fits still, and what is under way is finished.
  await isHealthy(collector)
  socket.write(large.subarray(30 * kilobyte))
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString()).toContain(' 200 OK')
  expect((await postTraces(collector.ports.otlpHttp, large)).status).toBe(200)
  await call(collector, large)
})

it('what a sender that went away had of the memory is free again', async () => {
  const collector = await start({ bytesInFlight: 60 * kilobyte })
  for (let i = 0; i < 5; i++) {
    const socket = await stuckUpload(collector)
    socket.destroy()
  }
  await vi.waitUntil(async () => (await postTraces(collector.ports.otlpHttp, large)).status === 200)
})

it('decompressed bytes count as well', async () => {
  const collector = await start({ bytesInFlight: 30 * kilobyte })
  const gzip = { 'content-encoding': 'gzip' }
  const response = await postTraces(collector.ports.otlpHttp, gzipSync(large), gzip)
  expect(response.status).toBe(503)
  await isHealthy(collector)
})

it.each([
  ['spans', 18, 'spans, resources or scopes'],
  ['attributes of a scope', 26, 'attributes, events, links and values'],
])('a request of millions of empty %s is too large, by either protocol', async (_, tag, why) => {
  const collector = await start({})
  const parts = Buffer.alloc(4 * 1024 * kilobyte)
  for (let i = 0; i < parts.length; i += 2) parts[i] = tag
  const scopeSpans = tag === 18 ? parts : field(1, parts)
  const body = bytesOf(field(1, field(2, scopeSpans)))
  const response = await postTraces(collector.ports.otlpHttp, body)
  expect(response.status).toBe(413)
  expect(await response.text()).toContain(why)
  await expect(call(collector, body)).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED })
  await isHealthy(collector)
})

it('an HTTP sender too slow with its headers, or with the rest, gets 408', async () => {
  const collector = await start({ headersMs: 100, requestMs: 200 })
  const { otlpHttp } = collector.ports
  const inHeaders = await send(otlpHttp, 'POST /v1/traces HTTP/1.1\r\nHost: loc')
  expect(await heard(inHeaders)).toContain(' 408 ')
  expect(await heard(await send(otlpHttp, `${head(100)}0123`))).toContain(' 408 ')
  await isHealthy(collector)
})

it('headers past 16 KiB get 431 by HTTP, and past 64 KiB end the call by gRPC', async () => {
  const collector = await start({})
  const headers = { 'x-long': 'x'.repeat(20 * kilobyte) }
  expect((await postTraces(collector.ports.otlpHttp, small, headers)).status).toBe(431)
  const session = connectHttp2(`http://127.0.0.1:${collector.ports.otlpGrpc}`)
  onTestFinished(() => session.destroy())
  session.on('error', () => undefined)
  const lines = Object.fromEntries(['a', 'b', 'c'].map((name) => [name, 'x'.repeat(25 * kilobyte)]))
  const stream = session.request({ ':method': 'POST', ...lines })
  // Which senders try again.
  await expect(once(stream, 'response')).rejects.toThrow('REFUSED_STREAM')
  await isHealthy(collector)
})

it('a gRPC sender that takes too long for its message is told so, however it trickles', async () => {
  const collector = await start({ headersMs: 200, requestMs: 200 })
  const session = connectHttp2(`http://127.0.0.1:${collector.ports.otlpGrpc}`)
  onTestFinished(() => session.destroy())
  const stream = session.request({
    ':method': 'POST',
    ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    'content-type': 'application/grpc',
  })
  const trickle = setInterval(() => stream.write(Buffer.alloc(1)), 10)
  onTestFinished(() => clearInterval(trickle))
  const [headers] = await once(stream, 'response')
  clearInterval(trickle)
  expect(headers['grpc-status']).toBe(String(status.DEADLINE_EXCEEDED))
  stream.close(http2.NGHTTP2_NO_ERROR)
  await isHealthy(collector)
})

it.each(['otlpHttp', 'otlpGrpc', 'query'] as const)(
  'a connection too many to %s is closed as it comes, and the next after another ends is not',
  async (name) => {
    const limits = { connections: 2 }
    const collector = await startTestCollector(undefined, {
      receiverLimits: limits,
      queryLimits: limits,
    })
    const first = await send(collector.ports[name])
    await send(collector.ports[name])
    const third = await send(collector.ports[name])
    expect(await heard(third)).toBe('')
    first.destroy()
    await vi.waitUntil(async () => {
      const next = await send(collector.ports[name], 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
      const answered = once(next, 'data').then(() => true)
      return Promise.race([answered, once(next, 'close').then(() => false)])
    })
  },
)

it('an idle gRPC connection is let go, which its client does not notice', async () => {
  const collector = await start({ idleMs: 50 })
  const session = connectHttp2(`http://127.0.0.1:${collector.ports.otlpGrpc}`)
  onTestFinished(() => session.destroy())
  const [code] = await once(session, 'goaway')
  expect(code).toBe(http2.NGHTTP2_NO_ERROR)
})

it('a stream or a search too many gets 503, until another one ends', async () => {
  const collector = await startTestCollector(undefined, {
    queryLimits: { streams: 1, searches: 0 },
  })
  const first = await openStream(collector)
  const second = await openStream(collector)
  expect(second.response.status).toBe(503)
  expect(second.response.headers.get('retry-after')).toBe('1')
  first.close()
  await vi.waitUntil(async () => (await openStream(collector)).response.status === 200)
  for (const path of ['traces', 'trace-summaries']) {
    expect((await collector.query(`/api/v3/${path}?query.x=1`)).status).toBe(503)
  }
})

it('a trace too large to be looked at is answered and streamed even so', async () => {
  const collector = await startTestCollector(undefined, {
    queryLimits: { traceBytes: 50 * kilobyte, partBytes: 10 * kilobyte },
  })
  for (let i = 1; i <= 3; i++) {
    const name = 'x'.repeat(40 * kilobyte)
    await collector.send(request('shop', span(traceIdOf(3), spanIdOf(i), { name })))
  }
  const response = await collector.query(`/api/v3/traces/${traceIdOf(3)}`)
  const { result } = (await response.json()) as { result: TracesData }
  expect(readSpans(result).map(({ spanId }) => spanId)).toEqual([1, 2, 3].map(spanIdOf))
  const findings = await collector.query(`/live/v1/traces/${traceIdOf(3)}/findings`)
  expect(findings.status).toBe(400)
  const stream = await openStream(collector, `?traceId=${traceIdOf(3)}`)
  expect((await stream.next()).data.resourceSpans?.length).toBeGreaterThan(0)
})

it('headers of a query past 16 KiB get 431, and slow ones 408', async () => {
  const collector = await startTestCollector(undefined, { queryLimits: { requestMs: 100 } })
  const path = `/api/v3/operations?service=${'x'.repeat(20 * kilobyte)}`
  expect((await collector.query(path)).status).toBe(431)
  const slow = await send(collector.ports.query, 'GET /healthz HTTP/1.1\r\nHost: loc')
  expect(await heard(slow)).toContain(' 408 ')
  expect((await collector.query('/healthz')).status).toBe(200)
})
