import { ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  NodeTracerProvider,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node'

interface Order {
  /** How often the stock is looked at, one time after the other, 10 ms each. */
  looks?: number
  /** Milliseconds that the card takes. */
  chargeMs?: number
  /** Whether a receipt is sent, which other orders do not. */
  receipt?: boolean
}

/**
 * One order in a shop of two services, as their SDKs send it: the payment's spans in one request and
 * the shop's in another. Its times are what the order says, whatever the machine is busy with.
 * @param exporter makes an exporter for each service
 * @returns the trace's id
 */
export async function sendOrder(exporter: () => SpanExporter, order: Order = {}): Promise<string> {
  const { looks = 3, chargeMs = 40, receipt = false } = order
  const [shop, payment] = ['shop', 'payment'].map(
    (service) =>
      new NodeTracerProvider({
        resource: resourceFromAttributes({ 'service.name': service }),
        spanProcessors: [new SimpleSpanProcessor(exporter())],
      }),
  )
  const began = Date.now() - 1_000
  const start = (
    provider: NodeTracerProvider,
    name: string,
    atMs: number,
    kind: SpanKind,
    parent?: Span,
  ) =>
    provider
      .getTracer('order', '1.0')
      .startSpan(
        name,
        { startTime: began + atMs, kind },
        parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent),
      )

  const root = start(shop!, 'place order', 0, SpanKind.SERVER)
  let at = 5
  for (let look = 0; look < looks; look++, at += 10) {
    start(shop!, 'look at stock', at, SpanKind.CLIENT, root).end(began + at + 10)
  }
  const charge = start(shop!, 'charge card', at, SpanKind.CLIENT, root)
  const post = start(payment!, 'POST /charge', at + 5, SpanKind.SERVER, charge)
  const refused = start(payment!, 'ask the bank', at + 10, SpanKind.CLIENT, post)
  refused.setStatus({ code: SpanStatusCode.ERROR, message: 'declined' })
  refused.end(began + at + chargeMs - 10)
  post.end(began + at + chargeMs - 5)
  // What the services send are requests of their own, so that one of them arrives first.
  await payment!.shutdown()
  at += chargeMs
  charge.end(began + at)
  if (receipt) start(shop!, 'send receipt', at, SpanKind.PRODUCER, root).end(began + at + 8)
  root.end(began + at + 10)
  await shop!.shutdown()
  return root.spanContext().traceId
}
