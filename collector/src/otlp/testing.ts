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
import fc from 'fast-check'
import { MalformedError } from '../consumer.ts'

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
    list: ['a', 'b'],
    numbers: [1, 2.5, -3],
    none: [],
    long: 'x'.repeat(300),
    ['__proto__']: 'harmless',
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

/** One field as protobuf writes it, by the kind of value: varint, text or length-delimited bytes. */
export function field(number: number, value: number | string | Uint8Array): Uint8Array {
  if (typeof value === 'number') return bytesOf(varint(number << 3), varint(value))
  const body = typeof value === 'string' ? new TextEncoder().encode(value) : value
  return bytesOf(varint((number << 3) | 2), varint(body.length), body)
}

export function bytesOf(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Uint8Array.of(...bytes, rest)
}

/** `bytes` with a few of them changed, perhaps cut short, perhaps grown in the middle. */
export function damaged(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const position = fc.nat(bytes.length - 1)
  return fc
    .record({
      changes: fc.array(fc.tuple(position, fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
      cut: sometimes(position),
      insertion: sometimes(fc.tuple(position, fc.uint8Array({ maxLength: 4 }))),
    })
    .map(({ changes, cut, insertion }) => {
      const copy = bytes.slice()
      for (const [at, byte] of changes) copy[at] = byte
      const [at, extra] = insertion ?? [0, new Uint8Array()]
      return bytesOf(copy.subarray(0, at), extra, copy.subarray(at)).subarray(0, cut)
    })
}

function sometimes<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: 3 }, { arbitrary, weight: 1 })
}

/** The JSON text of a request with one span of these members. */
export function jsonRequest(members: string): string {
  return `{"resourceSpans":[{"scopeSpans":[{"spans":[{${members}}]}]}]}`
}

/** Why the bytes were refused, in MalformedError's words; undefined when they were not. */
export function refusal(read: () => unknown): string | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    if (error instanceof MalformedError) return error.message
    throw error
  }
}
