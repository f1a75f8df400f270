import { randomFillSync } from 'node:crypto'
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node'
import { TracesScan } from '../src/otlp/scan.ts'

const services = ['storefront', 'checkout', 'inventory']
/** Of a trace; a request of fewer spans has a part of one. */
const spansPerTrace = 6

/**
 * Makes requests that differ in every id and in nothing else: a store that meets the same span
 * twice has less to do, and a bench that sends one batch again and again would measure that.
 */
export interface RequestMaker {
  spans: number
  /** The same buffer at every call, with new ids in it; it must have left before the next call. */
  next(): Buffer
}

/** Requests of `size` spans of about 500 bytes each, ten attributes a span, three services. */
export function protobufRequests(size: number): RequestMaker {
  const bytes = Buffer.from(ProtobufTraceSerializer.serializeRequest(realSpans(size))!)
  const scan = new TracesScan()
  scan.scan(bytes)
  const spots: Spot[] = []
  for (let i = 0; i < scan.spanCount; i++) {
    spots.push({ at: scan.traceIdOffset[i]!, length: 16 }, { at: scan.spanIdOffset[i]!, length: 8 })
    if (scan.parentIdOffset[i] !== -1) spots.push({ at: scan.parentIdOffset[i]!, length: 8 })
  }
  return maker(size, bytes, spots, (at, length, nonce) => {
    for (let i = 0; i < length; i++) bytes[at + i]! ^= nonce[i]!
  })
}

/** The same in JSON, as OpenTelemetry's own exporter for JavaScript writes it. */
export function jsonRequests(size: number): RequestMaker {
  const bytes = Buffer.from(JsonTraceSerializer.serializeRequest(realSpans(size))!)
  const text = bytes.toString('latin1')
  const spots = [...text.matchAll(/"(?:traceId|spanId|parentSpanId)":"([0-9a-f]+)"/g)].map(
    ({ index, 0: whole, 1: id = '' }) => ({
      at: index + whole.length - 1 - id.length,
      length: id.length / 2,
    }),
  )
  return maker(size, bytes, spots, (at, length, nonce) => {
    const id = Buffer.from(bytes.toString('latin1', at, at + 2 * length), 'hex')
    for (let i = 0; i < length; i++) id[i]! ^= nonce[i]!
    bytes.write(id.toString('hex'), at, 'latin1')
  })
}

interface Spot {
  at: number
  length: number
}

/** What an id is changed by is the same within a request, so that parents are still parents. */
function maker(
  spans: number,
  bytes: Buffer,
  spots: Spot[],
  change: (at: number, length: number, nonce: Buffer) => void,
): RequestMaker {
  const nonce = Buffer.alloc(16)
  return {
    spans,
    next() {
      randomFillSync(nonce)
      for (const { at, length } of spots) change(at, length, nonce)
      return bytes
    },
  }
}

/** Spans as servers make them, by the real SDK; the services share them evenly. */
function realSpans(count: number): ReadableSpan[] {
  return services.flatMap((service, nth) =>
    spansOf(service, Math.floor((count + nth) / services.length)),
  )
}

function spansOf(service: string, count: number): ReadableSpan[] {
  const exporter = new InMemorySpanExporter()
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({
      'service.name': service,
      'service.version': '1.4.2',
      'deployment.environment.name': 'bench',
    }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  })
  const tracer = provider.getTracer('bench', '1.0.0')
  let parent = ROOT_CONTEXT
  for (let i = 0; i < count; i++) {
    const isRoot = i % spansPerTrace === 0
    const span = tracer.startSpan(
      isRoot ? 'GET /cart/:id' : 'SELECT shop.items',
      {
        kind: isRoot ? SpanKind.SERVER : SpanKind.CLIENT,
        attributes: {
          'http.request.method': 'GET',
          'http.route': '/cart/:id',
          'http.response.status_code': i % 50 === 0 ? 500 : 200,
          'url.path': `/cart/${i}`,
          'url.scheme': 'https',
          'server.address': 'shop.example.com',
          'server.port': 443,
          'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
          'db.system.name': 'postgresql',
          'enduser.pseudo.id': `user-${i}`,
        },
      },
      isRoot ? ROOT_CONTEXT : parent,
    )
    if (i % 4 === 0) span.addEvent('cache miss', { key: `cart-${i}` })
    if (i % 50 === 0) span.setStatus({ code: SpanStatusCode.ERROR, message: 'timeout' })
    span.end()
    if (isRoot) parent = trace.setSpan(ROOT_CONTEXT, span)
  }
  return exporter.getFinishedSpans()
}
