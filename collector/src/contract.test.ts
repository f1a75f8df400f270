/**
 * What OTLP asks of every receiver (opentelemetry-proto, docs/specification.md, "MUST"), of the whole
 * collector. Limits, throttling and the other signals: receivers/otlp-*.test.ts. JSON in detail:
 * otlp/json-*.test.ts.
 */
import { gzipSync } from 'node:zlib'
import { Client, compressionAlgorithms, credentials, status } from '@grpc/grpc-js'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { readSpans, type TracesData } from '@pingtrace/otlp'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { bytesOf, field } from './otlp/testing.ts'
import {
  postTraces,
  request,
  span,
  spanIdOf,
  startTestCollector,
  type TestCollector,
  traceIdOf,
  tracesData,
} from './testing.ts'

const traceId = traceIdOf(0xabc)
const spanId = spanIdOf(0xdef)
const asJson = { 'content-type': 'application/json; charset=utf-8' }
const gzip = { 'content-encoding': 'gzip' }
const protobuf = request('shop', span(traceId, spanId))
const json = JSON.stringify(tracesData('shop', span(traceId, spanId)))

let collector: TestCollector

beforeEach(async () => {
  collector = await startTestCollector()
})

const post = (body: Uint8Array | string, headers = {}) =>
  postTraces(collector.ports.otlpHttp, body, headers)

function callGrpc(message: Uint8Array, compression = compressionAlgorithms.identity) {
  const address = `127.0.0.1:${collector.ports.otlpGrpc}`
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.default_compression_algorithm': compression,
  })
  onTestFinished(() => client.close())
  const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
  const same = (bytes: Buffer) => bytes
  return new Promise<Buffer>((resolve, reject) => {
    client.makeUnaryRequest(path, same, same, Buffer.from(message), (error, answer) =>
      error === null ? resolve(answer!) : reject(error),
    )
  })
}

async function stored() {
  const response = await collector.query(`/api/v3/traces/${traceId}`)
  const { result } = (await response.json()) as { result?: TracesData }
  return result === undefined ? [] : readSpans(result)
}

describe('plain and in gzip', () => {
  const sent = async (response: Promise<Response>) => {
    expect((await response).status).toBe(200)
    return (await response).text()
  }
  const called = async (answer: Promise<Buffer>) => (await answer).toString()

  it.each([
    ['protobuf', () => sent(post(protobuf)), ''],
    ['protobuf in gzip', () => sent(post(gzipSync(protobuf), gzip)), ''],
    ['JSON', () => sent(post(json, asJson)), '{}'],
    ['JSON in gzip', () => sent(post(gzipSync(json), { ...asJson, ...gzip })), '{}'],
    ['gRPC', () => called(callGrpc(protobuf)), ''],
    ['gRPC in gzip', () => called(callGrpc(protobuf, compressionAlgorithms.gzip)), ''],
  ])('%s is stored, and acknowledged by full success without a word', async (_, send, success) => {
    expect(await send()).toBe(success)
    expect(await stored()).toMatchObject([{ traceId, spanId, service: 'shop' }])
  })
})

describe('an empty request', () => {
  const noSpans = bytesOf(field(1, bytesOf(field(2, ''))))

  it('succeeds', async () => {
    for (const empty of [bytesOf(), noSpans]) {
      expect(await callGrpc(empty)).toHaveLength(0)
      expect((await post(empty)).status).toBe(200)
    }
    for (const empty of ['{}', '{"resourceSpans":[]}', '{"resourceSpans":[{"scopeSpans":[{}]}]}']) {
      const response = await post(empty, asJson)
      expect(response.status).toBe(200)
      expect(await response.text()).toBe('{}')
    }
    expect(await (await collector.query('/healthz')).json()).toMatchObject({ spans: 0 })
  })
})

describe('spans that cannot be kept among others that can', () => {
  const mixed = request('shop', span(traceId, spanId), span('', spanIdOf(2)))
  const rejection = 'spans need a valid trace id and span id'

  it('are told as a partial success, in every encoding', async () => {
    const body = JSON.stringify(tracesData('shop', span(traceId, spanId), span('', spanIdOf(2))))
    const read = async (response: Response) => Buffer.from(await response.arrayBuffer())
    const answers = [
      JsonTraceSerializer.deserializeResponse(await read(await post(body, asJson))),
      ProtobufTraceSerializer.deserializeResponse(await read(await post(mixed))),
      ProtobufTraceSerializer.deserializeResponse(await callGrpc(mixed)),
    ]
    for (const { partialSuccess } of answers) {
      expect(Number(partialSuccess?.rejectedSpans)).toBe(1)
      expect(partialSuccess?.errorMessage).toBe(rejection)
    }
    expect(await stored()).toHaveLength(1)
  })
})

describe('what cannot be decoded', () => {
  it('is final: 400 with a Status in the encoding it claims to be, INVALID_ARGUMENT by gRPC', async () => {
    const inProtobuf = await post(protobuf.subarray(0, -1))
    expect(inProtobuf.status).toBe(400)
    expect(inProtobuf.headers.get('content-type')).toBe('application/x-protobuf')
    expect(inProtobuf.headers.get('retry-after')).toBeNull()
    const bytes = new Uint8Array(await inProtobuf.arrayBuffer())
    expect([...bytes.subarray(0, 2)]).toEqual([0x08, status.INVALID_ARGUMENT])

    const inJson = await post(json.slice(0, -1), asJson)
    expect(inJson.status).toBe(400)
    expect(inJson.headers.get('content-type')).toBe('application/json')
    expect(await inJson.json()).toMatchObject({ code: status.INVALID_ARGUMENT })

    await expect(callGrpc(protobuf.subarray(0, -1))).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
    })
    expect(await stored()).toEqual([])
  })
})

describe('what the next version may add', () => {
  it('is no error, in protobuf or JSON', async () => {
    const unknown = field(99, 'later')
    await callGrpc(bytesOf(unknown, protobuf, unknown))
    const later = json.replace('"traceId"', '"later":{"a":[1,null]},"traceId"')
    expect((await post(later, asJson)).status).toBe(200)
    expect(await stored()).toHaveLength(1)
  })
})

describe('a span', () => {
  it('may come without times, kind, name or parent, and is read back without', async () => {
    const bare = { resourceSpans: [{ scopeSpans: [{ spans: [{ traceId, spanId }] }] }] }
    expect((await post(JSON.stringify(bare), asJson)).status).toBe(200)
    const ids = [field(1, Buffer.from(traceId, 'hex')), field(2, Buffer.from(spanIdOf(2), 'hex'))]
    await callGrpc(bytesOf(field(1, field(2, field(2, bytesOf(...ids))))))
    const nothing = {
      name: '',
      kind: 'unspecified',
      start: 0n,
      end: 0n,
      service: 'unknown_service',
    }
    const spans = await stored()
    expect(spans.map((span) => span.spanId)).toEqual([spanId, spanIdOf(2)])
    for (const span of spans) expect(span).toMatchObject(nothing)
  })

  it('that comes late belongs to its trace, and one that comes twice is there once', async () => {
    const child = request('shop', span(traceId, spanIdOf(2), { parentSpanId: spanId }))
    await callGrpc(child)
    await post(request('other', span(traceIdOf(1), spanIdOf(1))))
    await post(protobuf)
    await post(child)
    expect((await stored()).map((span) => span.spanId)).toEqual([spanIdOf(2), spanId])
  })
})

describe('JSON', () => {
  it('has ids in hex of either case, integers as numbers or text, and enums as numbers', async () => {
    const upper = json.replace(traceId, traceId.toUpperCase()).replace(spanId, spanId.toUpperCase())
    const numbers = upper.replace('"1700000000000000000"', '1700000000000000000')
    expect(numbers).not.toBe(json)
    expect((await post(numbers, asJson)).status).toBe(200)
    expect(await stored()).toMatchObject([{ traceId, spanId, start: 1_700_000_000_000_000_000n }])
    expect((await post(json.replace('"kind":1', '"kind":"SPAN_KIND_SERVER"'), asJson)).status).toBe(
      400,
    )
  })

  it('has names in lowerCamelCase only', async () => {
    const snake = json.replaceAll('resourceSpans', 'resource_spans')
    expect((await post(snake, asJson)).status).toBe(200)
    expect(await stored()).toEqual([])
  })
})
