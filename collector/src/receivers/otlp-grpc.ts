import { createServer } from 'node:net'
import {
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
} from '@grpc/grpc-js'
import { type LoopbackServer, loopbackAddresses } from '@pingtrace/loopback'
import type { TracesConsumer } from '../consumer.ts'
import { classify } from './errors.ts'
import { maxRequestBytes } from './limits.ts'
import { DroppedSignals, type OtherSignal } from './other-signals.ts'
import { exportResponse, fullSuccess, retryStatus } from './responses.ts'

const identity = (bytes: Buffer) => bytes

/** An OTLP service has one method; its messages stay bytes, because nothing is decoded here. */
function serviceOf(name: string): ServiceDefinition {
  return {
    Export: {
      path: `/opentelemetry.proto.collector.${name}/Export`,
      requestStream: false,
      responseStream: false,
      requestSerialize: identity,
      requestDeserialize: identity,
      responseSerialize: identity,
      responseDeserialize: identity,
    },
  }
}

const traceService = serviceOf('trace.v1.TraceService')
const otherServices: Record<OtherSignal, ServiceDefinition> = {
  logs: serviceOf('logs.v1.LogsService'),
  metrics: serviceOf('metrics.v1.MetricsService'),
  profiles: serviceOf('profiles.v1development.ProfilesService'),
}

/**
 * Receives OTLP/gRPC on both loopback addresses. The library decompresses gzip and deflate, and
 * answers RESOURCE_EXHAUSTED past the limit, before and after decompression.
 * @param port 0 takes a free one
 * @param dropped counts what comes for the services of other signals
 */
export async function startOtlpGrpc(
  consumer: TracesConsumer,
  port: number,
  dropped = new DroppedSignals(),
): Promise<LoopbackServer> {
  const server = new Server({ 'grpc.max_receive_message_length': maxRequestBytes })
  server.addService(traceService, { Export: exportHandler(consumer) })
  for (const signal of Object.keys(otherServices) as OtherSignal[]) {
    server.addService(otherServices[signal], { Export: dropHandler(signal, dropped) })
  }
  try {
    const bound = await bindLoopback(server, port)
    return { port: bound, close: (graceMs) => close(server, graceMs) }
  } catch (error) {
    server.forceShutdown()
    throw error
  }
}

function exportHandler(consumer: TracesConsumer): handleUnaryCall<Buffer, Buffer> {
  return async ({ request }, callback) => {
    try {
      const outcome = await consumer.consumeTraces({ receiver: 'otlp-grpc', payload: request })
      callback(null, exportResponse(outcome, 'protobuf'))
    } catch (error) {
      const { grpcCode, message, retryAfter } = classify(error)
      const metadata = new Metadata()
      if (retryAfter !== undefined) {
        metadata.set('grpc-status-details-bin', retryStatus(grpcCode, message, retryAfter))
      }
      callback({ code: grpcCode, details: message, metadata })
    }
  }
}

function dropHandler(
  signal: OtherSignal,
  dropped: DroppedSignals,
): handleUnaryCall<Buffer, Buffer> {
  return (_call, callback) => {
    dropped.count(signal)
    callback(null, fullSuccess('protobuf'))
  }
}

async function bindLoopback(server: Server, port: number): Promise<number> {
  let bound = port
  for (const address of loopbackAddresses) {
    if (!(await canListen(bound, address))) continue
    bound = await bind(
      server,
      address.includes(':') ? `[${address}]:${bound}` : `${address}:${bound}`,
    )
  }
  return bound
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    )
  })
}

/**
 * Asks the system first, because grpc-js hides why a port cannot be had in the text of its error.
 * @returns false where the machine has no such address (IPv6 switched off)
 * @throws the system's error, EADDRINUSE for example
 */
function canListen(port: number, address: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') resolve(false)
      else reject(error)
    })
    probe.listen(port, address, () => probe.close(() => resolve(true)))
  })
}

/** Lets calls in flight finish, for at most `graceMs`, then drops what is left. */
async function close(server: Server, graceMs = 2_000): Promise<void> {
  const limit = setTimeout(() => server.forceShutdown(), graceMs)
  await new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
  clearTimeout(limit)
}
