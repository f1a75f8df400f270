import {
  Client,
  compressionAlgorithms,
  credentials,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import { ProtobufMetricsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { MalformedError, type TracesOutcome, type TracesRequest } from '../consumer.ts'
import { request, span, spanIdOf, traceIdOf } from '../testing.ts'
import { startOtlpGrpc } from './otlp-grpc.ts'
import { ReceiverState } from './receiver-state.ts'

const method = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
const payload = Buffer.from(request('web', span(traceIdOf(1), spanIdOf(1))))
const limit = 20 * 1024 * 1024
const noMetrics = { resource: resourceFromAttributes({ 'service.name': 'web' }), scopeMetrics: [] }

let received: TracesRequest[]
let answer: () => TracesOutcome
let port: number
let state: ReceiverState

beforeEach(async () => {
  received = []
  answer = () => ({ acceptedSpans: 1, rejectedSpans: 0, message: '' })
  const consumeTraces = async (traces: TracesRequest) => {
    // A copy: the bytes are the receiver's, which takes them back.
    received.push({ ...traces, payload: Buffer.from(traces.payload) })
    return answer()
  }
  state = new ReceiverState()
  const server = await startOtlpGrpc({ consumeTraces }, 0, state)
  port = server.port
  return () => server.close()
})

interface CallOptions {
  address?: string
  path?: string
  gzip?: boolean
}

/** The bytes of the answer, or a rejection with the gRPC status. */
function call(message: Buffer, { address, path = method, gzip }: CallOptions = {}) {
  const client = new Client(`${address ?? '127.0.0.1'}:${port}`, credentials.createInsecure(), {
    'grpc.default_compression_algorithm': gzip
      ? compressionAlgorithms.gzip
      : compressionAlgorithms.identity,
    'grpc.max_send_message_length': -1,
  })
  onTestFinished(() => client.close())
  const identity = (bytes: Buffer) => bytes
  return new Promise<Buffer>((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      identity,
      identity,
      message,
      (error: ServiceError | null, bytes) => (error ? reject(error) : resolve(bytes!)),
    )
  })
}

it.each(['127.0.0.1', '[::1]'])('hands the bytes on as they came, over %s', async (address) => {
  expect(await call(payload, { address })).toHaveLength(0)
  expect(received).toEqual([{ receiver: 'otlp-grpc', payload }])
})

it('takes gzip', async () => {
  await call(payload, { gzip: true })
  expect(received).toEqual([{ receiver: 'otlp-grpc', payload }])
})

it('answers partial success', async () => {
  answer = () => ({ acceptedSpans: 1, rejectedSpans: 2, message: 'no ids' })
  const { partialSuccess } = ProtobufTraceSerializer.deserializeResponse(await call(payload))
  expect(Number(partialSuccess?.rejectedSpans)).toBe(2)
  expect(partialSuccess?.errorMessage).toBe('no ids')
})

it('answers INVALID_ARGUMENT for what cannot be read: sending it again cannot help', async () => {
  answer = () => {
    throw new MalformedError('a tag at byte 7')
  }
  await expect(call(payload)).rejects.toMatchObject({
    code: status.INVALID_ARGUMENT,
    details: 'a tag at byte 7',
  })
})

it('answers UNAVAILABLE when the spans could not be kept: the sender tries again', async () => {
  answer = () => {
    throw new Error('ENOSPC: /secret/path')
  }
  const failure = await call(payload).catch((error: ServiceError) => error)
  expect(failure).toMatchObject({ code: status.UNAVAILABLE })
  expect(String(failure)).not.toContain('secret')
  // A google.rpc.Status: its code, its message, and as details a RetryInfo of one second.
  const [details] = (failure as ServiceError).metadata.get('grpc-status-details-bin') as Buffer[]
  expect([...details!.subarray(0, 2)]).toEqual([0x08, status.UNAVAILABLE])
  const type = 'type.googleapis.com/google.rpc.RetryInfo'
  const retryInfo = [0x12, 4, 0x0a, 2, 0x08, 1]
  const any = [0x0a, type.length, ...Buffer.from(type), ...retryInfo]
  expect([...details!.subarray(-any.length - 2)]).toEqual([0x1a, any.length, ...any])
})

it('answers RESOURCE_EXHAUSTED past the limit, as it came and decompressed', async () => {
  const large = Buffer.alloc(limit + 1)
  const code = status.RESOURCE_EXHAUSTED
  for (const gzip of [false, true]) {
    const failure = await call(large, { gzip }).catch((error: ServiceError) => error)
    expect(failure).toMatchObject({ code })
    // With a RetryInfo it would be sent again.
    expect((failure as ServiceError).metadata.get('grpc-status-details-bin')).toEqual([])
  }
  expect(received).toEqual([])
})

it('takes a request of exactly the limit, and an empty one', async () => {
  expect(await call(Buffer.alloc(limit))).toHaveLength(0)
  expect(await call(Buffer.alloc(0))).toHaveLength(0)
  expect(received.map((traces) => traces.payload.length)).toEqual([limit, 0])
})

it('takes the other signals and drops them, so that their senders have nothing to complain of', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  onTestFinished(() => warn.mockRestore())
  const path = (name: string) => `/opentelemetry.proto.collector.${name}/Export`
  const metrics = Buffer.from(ProtobufMetricsSerializer.serializeRequest(noMetrics)!)
  const paths = ['logs.v1.LogsService', 'profiles.v1development.ProfilesService'].map(path)
  for (const each of paths) expect(await call(payload, { path: each })).toHaveLength(0)
  for (let i = 0; i < 3; i++) {
    const answer = await call(metrics, { path: path('metrics.v1.MetricsService') })
    expect(ProtobufMetricsSerializer.deserializeResponse(answer).partialSuccess).toBeUndefined()
  }
  expect(received).toEqual([])
  expect(state.dropped.requests).toEqual({ logs: 1, metrics: 3, profiles: 1 })
  expect(warn.mock.calls).toEqual([
    [
      'collector: logs arrive and are dropped, only traces are kept; OTEL_LOGS_EXPORTER=none stops a sender',
    ],
    ['collector: profiles arrive and are dropped, only traces are kept'],
    [
      'collector: metrics arrive and are dropped, only traces are kept; OTEL_METRICS_EXPORTER=none stops a sender',
    ],
  ])
})

it('answers UNIMPLEMENTED for what is no service of OTLP', async () => {
  const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Import'
  await expect(call(payload, { path })).rejects.toMatchObject({ code: status.UNIMPLEMENTED })
})

it('refuses a port that is in use, with the code of the system', async () => {
  const consumeTraces = async () => answer()
  await expect(startOtlpGrpc({ consumeTraces }, port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

it('closes within its grace although a call does not end', async () => {
  let arrived: () => void = () => undefined
  const isThere = new Promise<void>((resolve) => {
    arrived = resolve
  })
  const consumeTraces = () => {
    arrived()
    return new Promise<TracesOutcome>(() => undefined)
  }
  const stuck = await startOtlpGrpc({ consumeTraces }, 0)
  port = stuck.port
  const ended = expect(call(payload)).rejects.toThrow()
  await isThere
  await stuck.close(10)
  await ended
})
