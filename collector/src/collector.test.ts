import { gzipSync } from 'node:zlib'
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter as HttpExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node'
import { readSpans, type TracesData } from '@pingtrace/otlp'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { StartError, startCollector } from './collector.ts'
import { asJson, asProtobuf, realSpans } from './otlp/testing.ts'
import {
  impossibleFolder,
  openStream,
  postTraces,
  request,
  span,
  spanIdOf,
  startTestCollector,
  type TestCollector,
  temporaryFolder,
  traceIdOf,
} from './testing.ts'

async function readTrace(collector: TestCollector, traceId: string) {
  const response = await collector.query(`/api/v3/traces/${traceId}`)
  return readSpans(((await response.json()) as { result: TracesData }).result)
}

/** Makes a root with a failed child, exports both, and answers the trace id. */
async function exportTrace(exporter: SpanExporter, service: string): Promise<string> {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  })
  const tracer = provider.getTracer('test', '1.0')
  const root = tracer.startSpan('root', { kind: SpanKind.CLIENT, attributes: { n: 1 } })
  const child = tracer.startSpan('child', {}, trace.setSpan(context.active(), root))
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'no' })
  child.end()
  root.end()
  await provider.shutdown()
  return root.spanContext().traceId
}

describe('what an SDK exports', () => {
  it.each([
    ['gRPC', 'none', (c: TestCollector) => grpcExporter(c, '127.0.0.1')],
    ['gRPC over IPv6', 'none', (c: TestCollector) => grpcExporter(c, '[::1]')],
    ['gRPC with gzip', 'gzip', (c: TestCollector) => grpcExporter(c, '127.0.0.1')],
    ['HTTP', 'none', httpExporter],
    ['HTTP with gzip', 'gzip', httpExporter],
  ])('by %s can be read at once', async (service, compression, exporterFor) => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', compression)
    onTestFinished(() => {
      vi.unstubAllEnvs()
    })
    const collector = await startTestCollector()
    const traceId = await exportTrace(exporterFor(collector), service)
    const spans = await readTrace(collector, traceId)
    const root = spans.find(({ name }) => name === 'root')!
    const child = spans.find(({ name }) => name === 'child')!
    expect(spans).toHaveLength(2)
    expect(root).toMatchObject({
      service,
      kind: 'client',
      parentSpanId: undefined,
      attributes: { n: 1n },
      scope: { name: 'test', version: '1.0' },
    })
    expect(child).toMatchObject({
      parentSpanId: root.spanId,
      status: { code: 'error', message: 'no' },
    })
  })

  it('is one set of spans by every way in, live, stored and after a restart', async () => {
    const folder = temporaryFolder()
    const collector = await startTestCollector(folder)
    const spans = realSpans()
    const { traceId } = spans[0]!.spanContext()
    const { otlpHttp } = collector.ports
    const json = { 'content-type': 'application/json' }
    const gzip = { 'content-encoding': 'gzip' }
    expect((await postTraces(otlpHttp, reversed(asJson(spans)), json)).status).toBe(200)
    const stream = await openStream(collector, `?traceId=${traceId}`)
    const live = readSpans((await stream.next()).data)
    expect(live).toHaveLength(2)

    expect((await postTraces(otlpHttp, asJson(spans), json)).status).toBe(200)
    expect((await postTraces(otlpHttp, asProtobuf(spans))).status).toBe(200)
    expect((await postTraces(otlpHttp, gzipSync(asProtobuf(spans)), gzip)).status).toBe(200)
    await new Promise((done) => grpcExporter(collector, '127.0.0.1').export(spans, done))
    await collector.send(request('web', span(traceId, spanIdOf(1), { name: 'another' })))

    expect(readSpans((await stream.next()).data)).toMatchObject([{ name: 'another' }])
    const stored = await readTrace(collector, traceId)
    expect(stored.slice(0, 2)).toEqual(live)
    expect(stored).toHaveLength(3)
    await collector.close()
    expect(await readTrace(await startTestCollector(folder), traceId)).toEqual(stored)
  })
})

/** The same JSON with the names of every object the other way round. */
function reversed(json: Uint8Array): string {
  return JSON.stringify(JSON.parse(Buffer.from(json).toString()), (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).reverse())
      : value,
  )
}

function grpcExporter({ ports }: TestCollector, host: string): SpanExporter {
  return new GrpcExporter({ url: `http://${host}:${ports.otlpGrpc}` })
}

function httpExporter({ ports }: TestCollector): SpanExporter {
  return new HttpExporter({ url: `http://localhost:${ports.otlpHttp}/v1/traces` })
}

it('stores hundreds of small requests that come at once, and still has them after a restart', async () => {
  const folder = temporaryFolder()
  const collector = await startTestCollector(folder)
  const count = 300
  await Promise.all(
    Array.from({ length: count }, (_, n) =>
      collector.send(request('web', span(traceIdOf(n + 1), spanIdOf(1)))),
    ),
  )
  const health = async (c: TestCollector) => (await c.query('/healthz')).json()
  expect(await health(collector)).toMatchObject({ traces: count, spans: count })
  await collector.close()
  expect(await health(await startTestCollector(folder))).toMatchObject({
    traces: count,
    spans: count,
  })
})

it('rejects spans without ids by the answer, and keeps the others', async () => {
  const collector = await startTestCollector()
  const body = JSON.stringify({
    resourceSpans: [
      { scopeSpans: [{ spans: [{ name: 'lost' }, span(traceIdOf(1), spanIdOf(1))] }] },
    ],
  })
  const json = { 'content-type': 'application/json' }
  const response = await postTraces(collector.ports.otlpHttp, body, json)
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({
    partialSuccess: {
      rejectedSpans: '1',
      errorMessage: 'spans need a valid trace id and span id',
    },
  })
  expect(await readTrace(collector, traceIdOf(1))).toHaveLength(1)
})

describe('starting', () => {
  const free = { otlpGrpc: 0, otlpHttp: 0, query: 0 }

  it.each(['otlpGrpc', 'otlpHttp', 'query'] as const)(
    'fails where the port of %s is in use, says so, and keeps no other',
    async (part) => {
      const { ports } = await startTestCollector()
      const dataDir = temporaryFolder()
      const options = { dataDir, queryOrigins: [], ports: { ...free, [part]: ports[part] } }
      const failure = await startCollector(options).catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(StartError)
      expect(failure).toMatchObject({ part, cause: { code: 'EADDRINUSE' } })
    },
  )

  it('fails where the folder cannot be made', async () => {
    const dataDir = impossibleFolder()
    await expect(startCollector({ dataDir, queryOrigins: [], ports: free })).rejects.toMatchObject({
      part: 'dataDir',
    })
  })
  it('fails where another collector uses the folder, and leaves that one its spans', async () => {
    const dataDir = temporaryFolder()
    const collector = await startTestCollector(dataDir)
    const options = { dataDir, queryOrigins: [], ports: free }
    const failure = startCollector(options)
    await expect(failure).rejects.toThrow(StartError)
    await expect(failure).rejects.toMatchObject({ part: 'dataDir' })
    await collector.send(request('web', span(traceIdOf(1), spanIdOf(1))))
    await collector.close()
    const next = await startTestCollector(dataDir)
    expect(await readTrace(next, traceIdOf(1))).toHaveLength(1)
  })

  it('that fails gives the folder back', async () => {
    const dataDir = temporaryFolder()
    const { ports } = await startTestCollector()
    const taken = { dataDir, queryOrigins: [], ports: { ...free, query: ports.query } }
    await expect(startCollector(taken)).rejects.toMatchObject({ part: 'query' })
    await startTestCollector(dataDir)
  })
})
