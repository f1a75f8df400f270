import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { Client, credentials } from '@grpc/grpc-js'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node'
import type { ReceivedRequest } from '@pingtrace/otlp'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  openStream,
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

async function received(): Promise<ReceivedRequest[]> {
  const response = await collector.query('/live/v1/requests')
  return ((await response.json()) as { requests: ReceivedRequest[] }).requests
}

const valid = request('shop', span(traceIdOf(1), spanIdOf(1)))

function callGrpc(path: string, payload: Uint8Array): Promise<number> {
  const client = new Client(`127.0.0.1:${collector.ports.otlpGrpc}`, credentials.createInsecure())
  onTestFinished(() => client.close())
  const same = (bytes: Buffer) => bytes
  return new Promise((resolve) =>
    client.makeUnaryRequest(path, same, same, Buffer.from(payload), (error) =>
      resolve(error === null ? 0 : error.code),
    ),
  )
}

const exportPath = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'

describe('GET /live/v1/requests', () => {
  it('tells who sent what, and what became of it: an SDK', async () => {
    const provider = new NodeTracerProvider({
      resource: resourceFromAttributes({
        'service.name': 'shop',
        'telemetry.sdk.language': 'nodejs',
        'telemetry.sdk.name': 'opentelemetry',
        'telemetry.sdk.version': '2.12.0',
      }),
      spanProcessors: [
        new SimpleSpanProcessor(
          new OTLPTraceExporter({ url: `http://127.0.0.1:${collector.ports.otlpHttp}/v1/traces` }),
        ),
      ],
    })
    provider.getTracer('test').startSpan('buy').end()
    await provider.shutdown()
    expect(await received()).toEqual([
      {
        number: 1,
        time: expect.any(Number),
        transport: 'http',
        kind: 'traces',
        outcome: 'accepted',
        code: 200,
        userAgent: expect.stringMatching(/^OTel-OTLP-Exporter-JavaScript/),
        encoding: 'json',
        wireBytes: expect.any(Number),
        bytes: expect.any(Number),
        acceptedSpans: 1,
        rejectedSpans: 0,
        service: 'shop',
        sdk: 'nodejs opentelemetry 2.12.0',
      },
    ])
  })

  it('tells the preflight that was refused, which its page can only call a failure', async () => {
    const preflight = (origin: string) =>
      fetch(`http://127.0.0.1:${collector.ports.otlpHttp}/v1/traces`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      })
    await preflight(pageOrigin)
    await preflight('https://shop.example')
    expect(await received()).toMatchObject([
      {
        kind: 'preflight',
        outcome: 'refused',
        code: 403,
        origin: 'https://shop.example',
        message: 'pages of this origin may not use this server',
      },
      { kind: 'preflight', outcome: 'accepted', code: 204, origin: pageOrigin },
    ])
  })

  it('tells the preflight whose answer its browser refuses', async () => {
    const cors = {
      allowedOrigins: ['https://shop.example'],
      allowedHeaders: ['X-Tenant'],
      maxAge: 0,
    }
    collector = await startTestCollector(undefined, { receiver: { http: { cors } } })
    const preflight = (headers: string, method = 'POST') =>
      fetch(`http://127.0.0.1:${collector.ports.otlpHttp}/v1/traces`, {
        method: 'OPTIONS',
        headers: {
          origin: 'https://shop.example',
          'access-control-request-method': method,
          'access-control-request-headers': headers,
        },
      })
    await preflight('content-type,x-tenant')
    await preflight('content-type, X-Odd')
    await preflight('content-type', 'PUT')
    const allowed = { method: 'POST', headers: ['content-type', 'x-tenant'] }
    const [method, header, taken] = await received()
    expect(taken).toMatchObject({
      outcome: 'accepted',
      asked: { method: 'POST', headers: ['content-type', 'x-tenant'] },
      allowed,
    })
    expect(header).toMatchObject({
      kind: 'preflight',
      outcome: 'refused',
      message: 'the page may not send x-odd',
      advice: expect.stringContaining('allowed_headers'),
      asked: { headers: ['content-type', 'x-odd'] },
      allowed,
    })
    expect(method).toMatchObject({ outcome: 'refused', message: expect.stringContaining('PUT') })
  })

  it('tells bytes as they came, and decompressed, over both protocols', async () => {
    const zipped = gzipSync(valid)
    await postTraces(collector.ports.otlpHttp, zipped, { 'content-encoding': 'gzip' })
    const session = connectHttp2(`http://127.0.0.1:${collector.ports.otlpGrpc}`)
    onTestFinished(() => session.destroy())
    const stream = session.request({
      ':method': 'POST',
      ':path': exportPath,
      'content-type': 'application/grpc',
      'grpc-encoding': 'gzip',
    })
    const message = Buffer.concat([Buffer.from([1, 0, 0, 0, zipped.length]), zipped])
    stream.end(message)
    await once(stream, 'response')
    const bytes = { wireBytes: zipped.length, bytes: valid.length, outcome: 'accepted' }
    expect(await received()).toMatchObject([bytes, bytes])
  })

  it('knows a sender whose resource is long: an agent of Java’s', async () => {
    const long = Array.from({ length: 40 }, (_, n) => ({
      stringValue: `-Dproperty.${n}=${'x'.repeat(60)}`,
    }))
    const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })
    const attributes = [
      text('host.name', 'machine'),
      { key: 'process.command_args', value: { arrayValue: { values: long } } },
      text('process.runtime.description', 'x'.repeat(200)),
      text('service.name', 'shop'),
      text('telemetry.sdk.language', 'java'),
      text('telemetry.sdk.name', 'opentelemetry'),
      text('telemetry.sdk.version', '1.68.0'),
    ]
    const scopeSpans = [{ spans: [span(traceIdOf(1), spanIdOf(1))] }]
    const body = JSON.stringify({ resourceSpans: [{ resource: { attributes }, scopeSpans }] })
    await postTraces(collector.ports.otlpHttp, body, { 'content-type': 'application/json' })
    expect((await received())[0]).toMatchObject({
      service: 'shop',
      sdk: 'java opentelemetry 1.68.0',
    })
  })

  it('tells malformed, partly accepted and other requests apart, over HTTP', async () => {
    const port = collector.ports.otlpHttp
    await postTraces(port, '{', { 'content-type': 'application/json', origin: pageOrigin })
    await postTraces(port, request('shop', span(traceIdOf(1), spanIdOf(1)), span('', spanIdOf(2))))
    await postTraces(port, 'x', { 'content-type': 'text/plain' })
    await fetch(`http://127.0.0.1:${port}/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
    })
    await fetch(`http://127.0.0.1:${port}/v1/trace`, { method: 'POST' })
    const [wrongPath, metrics, wrongType, partial, malformed] = await received()
    expect(wrongPath).toMatchObject({ kind: 'traces', outcome: 'refused', code: 404 })
    expect(metrics).toMatchObject({ kind: 'metrics', outcome: 'dropped', code: 200 })
    expect(wrongType).toMatchObject({ kind: 'traces', outcome: 'refused', code: 415 })
    expect(partial).toMatchObject({ outcome: 'partial', acceptedSpans: 1, rejectedSpans: 1 })
    expect(partial?.message).toContain('trace id')
    expect(malformed).toMatchObject({ outcome: 'refused', code: 400, origin: pageOrigin, bytes: 1 })
    expect(malformed?.message).not.toBe('')
  })

  it('tells what came over gRPC', async () => {
    expect(await callGrpc(exportPath, valid)).toBe(0)
    expect(await callGrpc(exportPath, Buffer.from([0xff]))).toBe(3)
    expect(await callGrpc('/no.such/Method', valid)).toBe(12)
    const [unknown, malformed, accepted] = await received()
    expect(accepted).toMatchObject({
      transport: 'grpc',
      kind: 'traces',
      outcome: 'accepted',
      code: 0,
      acceptedSpans: 1,
      service: 'shop',
      userAgent: expect.stringContaining('grpc-node'),
    })
    expect(malformed).toMatchObject({ kind: 'traces', outcome: 'refused', code: 3, bytes: 1 })
    expect(unknown).toMatchObject({ kind: 'other', outcome: 'refused', code: 12 })
  })

  it('tells of a sender that went away', async () => {
    const socket = connect(collector.ports.otlpHttp, '127.0.0.1')
    const head = ['POST /v1/traces HTTP/1.1', 'Host: localhost', 'Content-Length: 100']
    socket.write(`${[...head, 'Content-Type: application/json'].join('\r\n')}\r\n\r\n{`)
    await once(socket, 'connect')
    socket.end()
    const gone = () => received().then(([last]) => last?.outcome === 'gone')
    await vi.waitUntil(gone, { timeout: 10_000 })
  })

  it('remembers the last of each receiver, whatever a sender writes', async () => {
    await callGrpc(exportPath, valid)
    for (let n = 0; n < 201; n++) {
      await postTraces(collector.ports.otlpHttp, valid, { 'user-agent': 'x'.repeat(2_000) })
    }
    const all = await received()
    expect(all.filter(({ transport }) => transport === 'http')).toHaveLength(200)
    expect(all.at(-1)).toMatchObject({ transport: 'grpc', number: 1 })
    expect(all[0]?.userAgent).toHaveLength(300)
  })
})

describe('GET /live/v1/requests/stream', () => {
  it('sends those that came, then each that comes, and goes on where a client was', async () => {
    await collector.send(valid)
    const first = await openStream(collector, '', {}, '/live/v1/requests/stream')
    const { id, data } = await first.next()
    expect(data.requests?.map(({ number }) => number)).toEqual([1])
    await collector.send(valid)
    expect((await first.next()).data.requests?.map(({ number }) => number)).toEqual([2])
    first.close()
    const again = await openStream(collector, `?after=${id}`, {}, '/live/v1/requests/stream')
    expect((await again.next()).data.requests?.map(({ number }) => number)).toEqual([2])
  })

  it('begins anew for an id of another start', async () => {
    const stream = await openStream(collector, '?after=5-1', {}, '/live/v1/requests/stream')
    expect((await stream.next()).event).toBe('reset')
    expect(await stream.next()).toMatchObject({ event: 'requests', data: { requests: [] } })
  })
})
