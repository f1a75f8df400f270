import type { LoopbackServer } from '@pingtrace/loopback'
import type { TracesConsumer } from '../consumer.ts'
import { senderOf } from './describe-sender.ts'
import { type GrpcHandler, serveGrpcOnLoopback } from './grpc-server.ts'
import { maxRequestBytes } from './limits.ts'
import { adviceAgainst } from './other-signals.ts'
import { otherPaths, tracesPath } from './otlp-paths.ts'
import { ReceiverState } from './receiver-state.ts'
import { noteOutcome } from './request-log.ts'
import { exportResponse, fullSuccess } from './responses.ts'

/**
 * Receives OTLP/gRPC on both loopback addresses.
 * @param port 0 takes a free one
 * @param state what it has in common with the other receivers
 * @param maxBytes of a request, decompressed as well
 */
export async function startOtlpGrpc(
  consumer: TracesConsumer,
  port: number,
  state = new ReceiverState(),
  maxBytes = maxRequestBytes,
): Promise<LoopbackServer> {
  const handlers = new Map<string, GrpcHandler>()
  // Messages stay bytes: nothing is decoded here.
  handlers.set(tracesPath.grpc, async (payload, note) => {
    note.sender = senderOf(payload)
    const outcome = await consumer.consumeTraces({ receiver: 'otlp-grpc', payload })
    noteOutcome(note, outcome)
    return exportResponse(outcome, 'protobuf')
  })
  for (const [path, signal] of otherPaths.grpc) {
    handlers.set(path, async (_, note) => {
      note.outcome = 'dropped'
      note.advice = adviceAgainst(signal)
      state.dropped.count(signal)
      return fullSuccess('protobuf')
    })
  }
  const server = await serveGrpcOnLoopback(handlers, port, state, maxBytes)
  state.ports.grpc = server.port
  return server
}
