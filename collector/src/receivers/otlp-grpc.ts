import type { LoopbackServer } from '@pingtrace/loopback'
import type { TracesConsumer } from '../consumer.ts'
import { type GrpcHandler, serveGrpcOnLoopback } from './grpc-server.ts'
import { maxRequestBytes } from './limits.ts'
import type { OtherSignal } from './other-signals.ts'
import { ReceiverState } from './receiver-state.ts'
import { headOf, noteOutcome } from './request-log.ts'
import { exportResponse, fullSuccess } from './responses.ts'

/** An OTLP service has one method; its messages stay bytes, because nothing is decoded here. */
const pathOf = (service: string) => `/opentelemetry.proto.collector.${service}/Export`

const otherPaths: Record<OtherSignal, string> = {
  logs: pathOf('logs.v1.LogsService'),
  metrics: pathOf('metrics.v1.MetricsService'),
  profiles: pathOf('profiles.v1development.ProfilesService'),
}

/**
 * Receives OTLP/gRPC on both loopback addresses.
 * @param port 0 takes a free one
 * @param state what it has in common with the other receivers
 * @param maxBytes of a request, decompressed as well
 */
export function startOtlpGrpc(
  consumer: TracesConsumer,
  port: number,
  state = new ReceiverState(),
  maxBytes = maxRequestBytes,
): Promise<LoopbackServer> {
  const handlers = new Map<string, GrpcHandler>()
  handlers.set(pathOf('trace.v1.TraceService'), async (payload, note) => {
    note.kind = 'traces'
    note.head = headOf(payload)
    const outcome = await consumer.consumeTraces({ receiver: 'otlp-grpc', payload })
    noteOutcome(note, outcome)
    return exportResponse(outcome, 'protobuf')
  })
  for (const signal of Object.keys(otherPaths) as OtherSignal[]) {
    handlers.set(otherPaths[signal], async (_, note) => {
      note.kind = signal
      note.outcome = 'dropped'
      state.dropped.count(signal)
      return fullSuccess('protobuf')
    })
  }
  return serveGrpcOnLoopback(handlers, port, state, maxBytes)
}
