import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'

const services = ['storefront', 'checkout', 'inventory', 'payments', 'search', 'mailer']

/** A span with its children waits for them one after the other, as most code does. */
const fanOut = [40, 25, 10, 5, 3, 2]

/**
 * One trace of so many spans, made by the real SDK in six services and sent over OTLP/HTTP: eight
 * attributes a span, an event in every eighth, an error in every two-hundredth.
 * @param url of `/v1/traces`
 * @returns the trace id, when the collector has acknowledged all of it
 */
export async function sendGiantTrace(url: string, spans: number): Promise<string> {
  const providers = services.map(
    (service) =>
      new NodeTracerProvider({
        resource: resourceFromAttributes({ 'service.name': service, 'service.version': '1.4.2' }),
        spanProcessors: [
          new BatchSpanProcessor(new OTLPTraceExporter({ url, concurrencyLimit: 1_000 }), {
            maxQueueSize: spans,
            maxExportBatchSize: 2_000,
          }),
        ],
      }),
  )
  const tracers = providers.map((provider) => provider.getTracer('giant', '1.0'))
  let left = spans
  let traceId = ''

  /** @returns when the span ended, in milliseconds since the Unix epoch */
  const make = (parent: Context, depth: number, start: number): number => {
    const nth = spans - left--
    const span = tracers[(depth * 7 + nth) % tracers.length]!.startSpan(
      depth === 0 ? 'nightly import' : `step ${depth} of the import`,
      {
        kind: depth % 2 === 0 ? SpanKind.SERVER : SpanKind.CLIENT,
        startTime: start,
        attributes: {
          'http.request.method': 'POST',
          'http.route': '/import/:part',
          'http.response.status_code': nth % 200 === 199 ? 500 : 200,
          'url.path': `/import/${nth}`,
          'server.address': 'shop.example.com',
          'server.port': 443,
          'import.row': nth,
          'enduser.pseudo.id': `user-${nth % 977}`,
        },
      },
      parent,
    )
    traceId = span.spanContext().traceId
    if (nth % 8 === 0) span.addEvent('cache miss', { key: `row-${nth}` }, start + 0.2)
    if (nth % 200 === 199) span.setStatus({ code: SpanStatusCode.ERROR, message: 'timed out' })
    let end = start + 0.5
    const children = fanOut[depth] ?? 0
    for (let child = 0; child < children && left > 0; child++) {
      end = make(trace.setSpan(parent, span), depth + 1, end + 0.1)
    }
    span.end(end + 0.3)
    return end + 0.3
  }
  const end = make(ROOT_CONTEXT, 0, Date.now() - 600_000)
  if (left > 0) throw new Error(`${left} spans did not fit into a trace that ended at ${end}`)
  await Promise.all(providers.map((provider) => provider.forceFlush()))
  await Promise.all(providers.map((provider) => provider.shutdown()))
  return traceId
}
