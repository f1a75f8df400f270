import {
  Client,
  compressionAlgorithms,
  credentials,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import { MalformedError, type TracesOutcome, type TracesRequest } from '../consumer.ts'
import { request, span, spanIdOf, traceIdOf } from '../testing.ts'
import { startOtlpGrpc } from './otlp-grpc.ts'

const method = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
const payload = Buffer.from(request('web', span(traceIdOf(1), spanIdOf(1))))
const limit = 20 * 1024 * 1024

let received: TracesRequest[]
let answer: () => TracesOutcome
let port: number

beforeEach(async () => {
  received = []
  answer = () => ({ acceptedSpans: 1, rejectedSpans: 0, message: '' })
  const consumeTraces = async (traces: TracesRequest) => {
    received.push(traces)
    return answer()
  }
  const server = await startOtlpGrpc({ consumeTraces }, 0)
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
  const failure = call(payload)
  await expect(failure).rejects.toMatchObject({ code: status.UNAVAILABLE })
  await expect(failure).rejects.not.toThrow('secret')
})

it('answers RESOURCE_EXHAUSTED past the limit, as it came and decompressed', async () => {
  const large = Buffer.alloc(limit + 1)
  const code = status.RESOURCE_EXHAUSTED
  await expect(call(large)).rejects.toMatchObject({ code })
  await expect(call(large, { gzip: true })).rejects.toMatchObject({ code })
  expect(received).toEqual([])
})

it('answers UNIMPLEMENTED for other services', async () => {
  const path = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export'
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
