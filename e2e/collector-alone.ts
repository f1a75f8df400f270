import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { OTLPTraceExporter as HttpExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node'
import type { Ports } from '@pingtrace/loopback'
import { test as base } from '@playwright/test'
import { startCollectorAlone } from '../scripts/collector-alone.ts'
import { freePorts } from '../scripts/free-ports.ts'

export { expect } from '@playwright/test'

interface Fixtures {
  /** Variables for the collector. */
  collectorEnv: Record<string, string>
  /** Where the collector listens; it is alone, and its store is empty. */
  ports: Ports
  /** What the page complained of: an error, or something that its policy forbids. */
  complaints: string[]
}

export const test = base.extend<Fixtures>({
  collectorEnv: [{}, { option: true }],
  ports: async ({ collectorEnv }, use) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'pingtrace-e2e-'))
    const ports = await freePorts()
    const lines: string[] = []
    const collector = await startCollectorAlone({
      ports,
      dataDir,
      env: collectorEnv,
      onLine: (_name, line) => lines.push(line),
      onCrash: (_name, how) => {
        throw new Error(`the collector ended (${how}):\n${lines.slice(-20).join('\n')}`)
      },
    })
    await use(ports)
    await collector.stop()
    await rm(dataDir, { recursive: true, force: true })
  },
  baseURL: async ({ ports }, use) => use(`http://localhost:${ports.query}`),
  complaints: async ({ page }, use) => {
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    await use(complaints)
  },
})

/** What an application that is not ours sends: a root with a failed child. Answers the trace id. */
export async function sendTrace(service: string, exporter: SpanExporter): Promise<string> {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  })
  const tracer = provider.getTracer('checkout', '2.0')
  const root = tracer.startSpan('place order')
  const child = tracer.startSpan('charge card', {}, trace.setSpan(context.active(), root))
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'card declined' })
  child.end()
  root.end()
  await provider.shutdown()
  return root.spanContext().traceId
}

/**
 * A page's call of a shop, which fails in half of all cases and asks a database: two services, each
 * with a provider of its own.
 * @param times how many such traces; all began a moment ago
 */
export async function sendCalls(exporter: () => SpanExporter, times: number): Promise<void> {
  const [web, shop] = ['web', 'shop'].map(
    (service) =>
      new NodeTracerProvider({
        resource: resourceFromAttributes({ 'service.name': service }),
        spanProcessors: [new BatchSpanProcessor(exporter())],
      }),
  )
  const began = Date.now() - 1_000
  for (let i = 0; i < times; i++) {
    const call = web!
      .getTracer('page')
      .startSpan('buy', { kind: SpanKind.CLIENT, startTime: began, root: true })
    const asked = trace.setSpan(context.active(), call)
    const tracer = shop!.getTracer('server')
    const served = tracer.startSpan(
      'POST /orders',
      { kind: SpanKind.SERVER, startTime: began + 10 },
      asked,
    )
    const inside = trace.setSpan(asked, served)
    const attributes = { 'db.system.name': 'postgresql' }
    const insert = { kind: SpanKind.CLIENT, startTime: began + 20, attributes }
    tracer.startSpan('INSERT orders', insert, inside).end(began + 50)
    if (i % 2 === 0) served.setStatus({ code: SpanStatusCode.ERROR, message: 'out of stock' })
    served.end(began + 310)
    call.end(began + 400)
  }
  // The callers arrive last, as they mostly do.
  await shop!.shutdown()
  await web!.shutdown()
}

export const overHttp = ({ otlpHttp }: Ports) =>
  new HttpExporter({ url: `http://localhost:${otlpHttp}/v1/traces` })

interface Root {
  name: string
  /** How long it took. */
  ms: number
  /** The message of its error, where it failed. */
  error?: string
}

/** Sends traces of one span each, in one request; they began so that they all end now. */
export async function sendRoots(
  service: string,
  exporter: SpanExporter,
  roots: Root[],
  now = Date.now(),
): Promise<void> {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [new BatchSpanProcessor(exporter, { maxExportBatchSize: 2_000 })],
  })
  const tracer = provider.getTracer('explorer')
  for (const { name, ms, error } of roots) {
    const span = tracer.startSpan(name, { startTime: now - ms, root: true })
    if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error })
    span.end(now)
  }
  await provider.shutdown()
}
