/**
 * The commonest reasons why "my spans do not arrive": each leaves an entry among the requests that came,
 * which says what is wrong and what to do about it, and an answer that its sender can read.
 */
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node'
import type { ReceivedRequest } from '@pingtrace/otlp'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  pageOrigin,
  postTraces,
  request,
  span,
  spanIdOf,
  startTestCollector,
  type TestCollector,
  traceIdOf,
} from '../testing.ts'

let collector: TestCollector

beforeEach(async () => {
  collector = await startTestCollector()
})

const valid = request('shop', span(traceIdOf(1), spanIdOf(1)))
const exportPath = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'

/** The newest entry, when there are `count` of them. */
async function entry(count = 1): Promise<ReceivedRequest> {
  const entries = await vi.waitUntil(async () => {
    const response = await collector.query('/live/v1/requests')
    const { requests } = (await response.json()) as { requests: ReceivedRequest[] }
    return requests.length >= count && requests
  })
  expect(entries).toHaveLength(count)
  return entries[0]!
}

async function open(port: number, text = ''): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  if (text !== '') socket.write(text)
  return socket
}

/** All that a server says to this until it closes. */
async function said(port: number, text: string): Promise<string> {
  const socket = await open(port, text)
  let answer = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    answer += chunk
  })
  await once(socket, 'close')
  return answer
}

function post(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { 'content-type': 'application/x-protobuf' }
  const body = new Uint8Array(valid)
  return fetch(`http://127.0.0.1:${collector.ports.otlpHttp}${path}`, {
    method: 'POST',
    headers,
    body,
    ...init,
  })
}

function callGrpc(port: number, path = exportPath, secure = false): Promise<ServiceError> {
  const client = new Client(
    `127.0.0.1:${port}`,
    secure ? credentials.createSsl() : credentials.createInsecure(),
  )
  onTestFinished(() => client.close())
  const same = (bytes: Buffer) => bytes
  return new Promise((resolve, reject) =>
    client.makeUnaryRequest(path, same, same, Buffer.from(valid), (error) =>
      error === null ? reject(new Error('it was taken')) : resolve(error),
    ),
  )
}

describe('the wrong protocol for a port', () => {
  it('HTTP/1 on the gRPC port, as by an SDK', async () => {
    const url = `http://127.0.0.1:${collector.ports.otlpGrpc}/v1/traces`
    const provider = new NodeTracerProvider({
      resource: resourceFromAttributes({ 'service.name': 'shop' }),
      spanProcessors: [new SimpleSpanProcessor(new OTLPTraceExporter({ url }))],
    })
    provider.getTracer('test').startSpan('buy').end()
    await provider.shutdown()
    expect(await entry()).toMatchObject({
      transport: 'grpc',
      kind: 'traces',
      outcome: 'refused',
      path: '/v1/traces',
      userAgent: expect.stringMatching(/^OTel-OTLP-Exporter-JavaScript/),
      message: 'HTTP/1 on the gRPC port',
      advice: expect.stringContaining(`port ${collector.ports.otlpHttp}`),
    })
    const answer = await fetch(url, { method: 'OPTIONS', headers: { origin: pageOrigin } })
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain(`port ${collector.ports.otlpHttp}`)
    expect(await entry(2)).toMatchObject({ kind: 'preflight', origin: pageOrigin })
  })

  it('HTTP/2, and so gRPC, on the HTTP port', async () => {
    await callGrpc(collector.ports.otlpHttp)
    const expected = {
      transport: 'http',
      outcome: 'refused',
      message: 'HTTP/2 (gRPC?) on the HTTP port',
      advice: expect.stringContaining(`port ${collector.ports.otlpGrpc}`),
    }
    expect(await entry()).toMatchObject(expected)
    const session = connectHttp2(`http://127.0.0.1:${collector.ports.otlpHttp}`)
    session.on('error', () => undefined)
    const [code, , words] = (await once(session, 'goaway')) as [number, number, Buffer]
    expect(code).toBe(13) // HTTP_1_1_REQUIRED
    expect(String(words)).toContain(`port ${collector.ports.otlpGrpc}`)
    expect(await entry(2)).toMatchObject(expected)
  })

  it.each(['otlpHttp', 'otlpGrpc'] as const)('TLS on %s', async (name) => {
    const port = collector.ports[name]
    const secure = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    await once(secure, 'error')
    expect(await entry()).toMatchObject({
      transport: name === 'otlpHttp' ? 'http' : 'grpc',
      kind: 'other',
      outcome: 'refused',
      message: 'TLS on a port without it',
      advice: expect.stringContaining('http://'),
    })
  })

  it('TLS by a gRPC client', async () => {
    expect((await callGrpc(collector.ports.otlpGrpc, exportPath, true)).code).toBe(
      status.UNAVAILABLE,
    )
    expect(await entry()).toMatchObject({ message: 'TLS on a port without it' })
  })

  it('HTTP/2 without gRPC on the gRPC port', async () => {
    const session = connectHttp2(`http://127.0.0.1:${collector.ports.otlpGrpc}`)
    onTestFinished(() => session.destroy())
    const stream = session.request({
      ':method': 'POST',
      ':path': '/v1/traces',
      'content-type': 'application/x-protobuf',
    })
    stream.end(valid)
    const [headers] = await once(stream, 'response')
    expect(headers[':status']).toBe(415)
    expect(await entry()).toMatchObject({
      kind: 'traces',
      outcome: 'refused',
      advice: expect.stringContaining(`port ${collector.ports.otlpHttp}`),
    })
  })

  it.each(['otlpHttp', 'otlpGrpc'] as const)('no protocol at all on %s', async (name) => {
    expect(await said(collector.ports[name], 'hello?\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /)
    expect(await entry()).toMatchObject({ kind: 'other', outcome: 'refused' })
  })

  it('a connection that says nothing leaves no entry', async () => {
    for (const port of [collector.ports.otlpHttp, collector.ports.otlpGrpc]) {
      const socket = await open(port)
      socket.resume().end()
      await once(socket, 'close')
    }
    await collector.send(valid)
    expect(await entry()).toMatchObject({ outcome: 'accepted' })
  })
})

describe('a request that is not what is taken', () => {
  it.each([
    ['/', 'other', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
    ['/v1/trace', 'traces', '/v1/traces'],
    ['/v1/traces/v1/traces', 'traces', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'],
    ['//v1/traces', 'traces', '/v1/traces'],
    ['/api/traces', 'traces', 'OTLP exporter'],
    ['/api/v2/spans', 'traces', 'OTLP exporter'],
  ])('the path %s', async (path, kind, advice) => {
    const response = await post(path)
    expect(response.status).toBe(404)
    expect(await entry()).toMatchObject({
      kind,
      outcome: 'refused',
      code: 404,
      path,
      advice: expect.stringContaining(advice),
    })
  })

  it('a method, a content type, a compression', async () => {
    await post('/v1/traces', { method: 'PUT' })
    expect(await entry()).toMatchObject({ code: 405, message: expect.stringContaining('PUT') })
    await post('/v1/traces', { headers: { 'content-type': 'text/plain' } })
    expect(await entry(2)).toMatchObject({
      code: 415,
      message: expect.stringContaining('text/plain'),
      advice: expect.stringContaining('http/protobuf'),
    })
    await postTraces(collector.ports.otlpHttp, valid, { 'content-encoding': 'zstd' })
    expect(await entry(3)).toMatchObject({
      code: 415,
      message: expect.stringContaining('zstd'),
      advice: expect.stringContaining('OTEL_EXPORTER_OTLP_COMPRESSION'),
    })
  })

  it('a body that is no OTLP, and one that is cut off', async () => {
    await postTraces(collector.ports.otlpHttp, 'nonsense')
    expect(await entry()).toMatchObject({
      code: 400,
      wireBytes: 8,
      advice: expect.stringContaining('content type'),
    })
    const head = ['POST /v1/traces HTTP/1.1', 'Host: localhost', 'Content-Length: 100']
    const text = [...head, 'Content-Type: application/json'].join('\r\n')
    const socket = await open(collector.ports.otlpHttp, `${text}\r\n\r\n{"a`)
    socket.end()
    expect(await entry(2)).toMatchObject({
      outcome: 'gone',
      message: 'it ended after 3 of 100 bytes',
      advice: expect.stringContaining('timeout'),
    })
  })

  it('chunks that are none', async () => {
    const head = ['POST /v1/traces HTTP/1.1', 'Host: localhost', 'Transfer-Encoding: chunked']
    const text = [...head, 'Content-Type: application/json'].join('\r\n')
    expect(await said(collector.ports.otlpHttp, `${text}\r\n\r\nzz\r\n`)).toMatch(/^HTTP\/1.1 400 /)
    expect(await entry()).toMatchObject({ kind: 'traces', outcome: 'refused', code: 400 })
  })

  it('headers that are too large', async () => {
    const response = await postTraces(collector.ports.otlpHttp, valid, {
      'user-agent': 'big',
      cookie: 'x'.repeat(20_000),
    })
    expect(response.status).toBe(431)
    expect(await response.text()).toContain('16 KiB')
    expect(await entry()).toMatchObject({
      kind: 'traces',
      outcome: 'refused',
      code: 431,
      advice: expect.stringContaining('cookies'),
    })
  })

  it('more than is taken at a time: announced, and decompressed', async () => {
    const limit = 20 * 1024 * 1024
    await postTraces(collector.ports.otlpHttp, Buffer.alloc(limit + 1))
    const advice = expect.stringContaining('OTEL_BSP_MAX_EXPORT_BATCH_SIZE')
    expect(await entry()).toMatchObject({ code: 413, wireBytes: limit + 1, advice })
    const bomb = gzipSync(Buffer.alloc(limit + 1))
    await postTraces(collector.ports.otlpHttp, bomb, { 'content-encoding': 'gzip' })
    expect(await entry(2)).toMatchObject({ code: 413, wireBytes: bomb.length, advice })
  })

  it('metrics and logs, which are not kept', async () => {
    await post('/v1/metrics')
    expect(await entry()).toMatchObject({
      kind: 'metrics',
      outcome: 'dropped',
      advice: expect.stringContaining('OTEL_METRICS_EXPORTER=none'),
    })
  })

  it('a gRPC method that nobody has, and a compression', async () => {
    const jaeger = '/jaeger.api_v2.CollectorService/PostSpans'
    expect((await callGrpc(collector.ports.otlpGrpc, jaeger)).details).toContain(jaeger)
    expect(await entry()).toMatchObject({
      kind: 'traces',
      code: status.UNIMPLEMENTED,
      path: jaeger,
      advice: expect.stringContaining('OTLP exporter'),
    })
    const session = connectHttp2(`http://127.0.0.1:${collector.ports.otlpGrpc}`)
    onTestFinished(() => session.destroy())
    const stream = session.request({
      ':method': 'POST',
      ':path': exportPath,
      'content-type': 'application/grpc',
      'grpc-encoding': 'snappy',
    })
    stream.end()
    await once(stream, 'response')
    expect(await entry(2)).toMatchObject({
      kind: 'traces',
      code: status.UNIMPLEMENTED,
      message: expect.stringContaining('snappy'),
      advice: expect.stringContaining('OTEL_EXPORTER_OTLP_COMPRESSION'),
    })
  })

  it('a token that is not there', async () => {
    collector = await startTestCollector(undefined, {
      exposure: { addresses: [], ingestToken: 'x'.repeat(16), queryToken: undefined },
    })
    await postTraces(collector.ports.otlpHttp, valid)
    expect(await entry()).toMatchObject({
      code: 401,
      advice: expect.stringContaining('OTEL_EXPORTER_OTLP_HEADERS'),
    })
  })
})
