import { Metadata, Server, ServerCredentials, type ServiceDefinition, status } from '@grpc/grpc-js'
import { messages } from './protobuf-fields.ts'

const service: ServiceDefinition = {
  export: {
    path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    requestStream: false,
    responseStream: false,
    requestSerialize: (bytes: Buffer) => bytes,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: (bytes: Buffer) => bytes,
    responseDeserialize: (bytes: Buffer) => bytes,
  },
}

/** What a server answers: nothing is success, `hang` is no answer at all. */
export type Answer = { code: status; metadata?: Metadata } | 'hang' | undefined

/** A collector's OTLP/gRPC side that remembers the names of the spans of each request. */
export async function startOtlpServer(answer: (request: number) => Answer, port = 0) {
  const requests: string[][] = []
  const headers: Metadata[] = []
  const peers: string[] = []
  const server = new Server()
  server.addService(service, {
    export: (
      call: { request: Buffer; metadata: Metadata; getPeer(): string },
      done: (error: object | null, response?: Buffer) => void,
    ) => {
      const names = spanNames(call.request)
      const how = answer(requests.push(names) - 1)
      headers.push(call.metadata)
      peers.push(call.getPeer())
      if (how === 'hang') return
      if (how !== undefined) return done({ ...how, details: 'as the test wants it' })
      accepted.push(...names)
      done(null, Buffer.alloc(0))
    },
  })
  const accepted: string[] = []
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, taken) =>
      error === null ? resolve(taken) : reject(error),
    )
  })
  return {
    port: bound,
    /** The names of the spans of every request, accepted or not. */
    requests,
    /** The names of the spans that were answered with success, in order. */
    accepted,
    headers,
    /** Address and port of whoever sent each request: the same is the same connection. */
    peers,
    /** Cuts every connection, as the death of the process would. */
    kill: () => server.forceShutdown(),
  }
}

export { Metadata, status }

/** ExportTraceServiceRequest.resource_spans = 1, .scope_spans = 2, .spans = 2, Span.name = 5 */
function spanNames(request: Buffer): string[] {
  return messages(request, 1)
    .flatMap((resourceSpans) => messages(resourceSpans, 2))
    .flatMap((scopeSpans) => messages(scopeSpans, 2))
    .flatMap((span) => messages(span, 5).map(String))
}
