import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-web'

const exporter = new OTLPTraceExporter({ url: document.documentElement.dataset.traces! })
const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'shop-page' }),
  spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: 200 })],
})
trace.setGlobalTracerProvider(provider)
propagation.setGlobalPropagator(new W3CTraceContextPropagator())
const tracer = trace.getTracer('shop-page')

async function order(): Promise<string> {
  const url = new URL('/orders', location.href)
  const attributes = {
    'http.request.method': 'POST',
    'server.address': url.hostname,
    'server.port': Number(url.port),
    'url.full': url.href,
  }
  const span = tracer.startSpan('POST', { kind: SpanKind.CLIENT, attributes })
  try {
    const headers = { 'content-type': 'application/json' }
    propagation.inject(trace.setSpan(context.active(), span), headers)
    const body = JSON.stringify({ items: ['tea', 'cups'] })
    const response = await fetch(url, { method: 'POST', headers, body })
    span.setAttribute('http.response.status_code', response.status)
    return await response.text()
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) })
    return 'Please try again later.'
  } finally {
    span.end()
  }
}

document.querySelector('button')!.addEventListener('click', async () => {
  document.querySelector('output')!.textContent = await order()
})
