/** Test material: real spans of a real SDK, as ReadableSpan and in both encodings of its serializers. */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node'

const remoteParent = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
}

/** A root with a child from one service and a server span with a remote parent from another. */
export function realSpans(): ReadableSpan[] {
  return [...webSpans(), ...apiSpans()]
}

function webSpans(): ReadableSpan[] {
  const { provider, exporter } = recorder({
    'browser.mobile': false,
    'service.name': 'pingtrace-web',
    'service.version': '0.1.0',
  })
  const tracer = provider.getTracer('web', '1.2.3', { schemaUrl: 'https://example.test/schema' })
  const root = tracer.startSpan('client operation', { kind: SpanKind.CLIENT })
  const child = tracer.startSpan('绘制 🎨', {}, trace.setSpan(ROOT_CONTEXT, root))
  child.setAttributes({
    text: 'ünï\u0000"\\\n',
    empty: '',
    yes: true,
    zero: 0,
    negative: -5,
    big: Number.MAX_SAFE_INTEGER,
    half: 0.5,
    nan: Number.NaN,
    list: ['a', 'b'],
    numbers: [1, 2.5, -3],
    none: [],
    long: 'x'.repeat(300),
    __proto__x: 'harmless',
  })
  child.addEvent('painted', { frame: 1 })
  child.addLink({ context: remoteParent, attributes: { why: 'retry' } })
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'no canvas' })
  child.end()
  root.end()
  return exporter.getFinishedSpans()
}

function apiSpans(): ReadableSpan[] {
  const { provider, exporter } = recorder({ 'service.name': 'pingtrace-api' })
  const parent = trace.setSpanContext(ROOT_CONTEXT, remoteParent)
  const span = provider.getTracer('api').startSpan('/ping', { kind: SpanKind.SERVER }, parent)
  span.setAttribute('http.response.status_code', 200).end()
  return exporter.getFinishedSpans()
}

function recorder(attributes: Record<string, string | boolean>) {
  const exporter = new InMemorySpanExporter()
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes(attributes),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  })
  return { provider, exporter }
}

export function asProtobuf(spans: ReadableSpan[]): Uint8Array {
  return ProtobufTraceSerializer.serializeRequest(spans)!
}

export function asJson(spans: ReadableSpan[]): Uint8Array {
  return JsonTraceSerializer.serializeRequest(spans)!
}
