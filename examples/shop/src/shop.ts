import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { build, type Rolldown } from 'vite'

export interface Shop {
  url: string
  stop(): Promise<void>
}

const tracer = trace.getTracer('shop')

/**
 * @param otlpUrl where spans go: `http://localhost:4318`
 * @param port any that is free, when left out
 */
export async function startShop(otlpUrl: string, port = 0): Promise<Shop> {
  const tracesUrl = `${otlpUrl}/v1/traces`
  const exporter = new OTLPTraceExporter({ url: tracesUrl })
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop' }),
    spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: 200 })],
  })
  provider.register({ propagator: new W3CTraceContextPropagator() })

  const script = await bundle()
  const page = `<!doctype html><html lang="en" data-traces="${tracesUrl}"><title>Shop</title>
<button>Order</button> <output></output><script type="module" src="/page.js"></script></html>`
  const server = createServer((request, response) => {
    if (request.url === '/orders') return void takeOrder(request, response)
    const isScript = request.url === '/page.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? script : page)
  })
  await once(server.listen(port, 'localhost'), 'listening')
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await provider.shutdown()
    },
  }
}

async function takeOrder(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parent = propagation.extract(ROOT_CONTEXT, request.headers)
  const attributes = {
    'http.request.method': request.method ?? '',
    'http.route': '/orders',
    'url.path': '/orders',
    'url.scheme': 'http',
  }
  const options = { kind: SpanKind.SERVER, attributes }
  await tracer.startActiveSpan('POST /orders', options, parent, async (span) => {
    try {
      const { items } = JSON.parse(await text(request)) as { items: string[] }
      await step('reserve', { 'shop.items': items.length })
      await step('charge', {})
      response.end(`Thank you for ordering ${items.join(' and ')}.`)
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) })
      response.writeHead(500).end()
    } finally {
      span.setAttribute('http.response.status_code', response.statusCode)
      span.end()
    }
  })
}

async function step(name: string, attributes: Record<string, number>): Promise<void> {
  const span = tracer.startSpan(name, { attributes }, context.active())
  await new Promise((resolve) => setTimeout(resolve, 10))
  span.end()
}

/** The page's script, with all that it imports. */
async function bundle(): Promise<string> {
  const entry = fileURLToPath(new URL('page.ts', import.meta.url))
  const { output } = (await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, rolldownOptions: { input: entry } },
  })) as Rolldown.RolldownOutput
  const chunk = output.find((file) => file.type === 'chunk')
  if (chunk === undefined) throw new Error('the page has no script')
  return chunk.code
}
