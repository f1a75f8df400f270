import { Server, ServerCredentials } from '@grpc/grpc-js'

// A collector that acknowledges every export and does nothing else: the bench measures the sender.
const pass = (bytes: Buffer) => bytes
const server = new Server()
server.addService(
  {
    export: {
      path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      requestStream: false,
      responseStream: false,
      requestSerialize: pass,
      requestDeserialize: pass,
      responseSerialize: pass,
      responseDeserialize: pass,
    },
  },
  {
    export: (_call: unknown, done: (error: null, response: Buffer) => void) =>
      done(null, Buffer.alloc(0)),
  },
)
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error
  process.send?.({ url: `http://127.0.0.1:${port}` })
})
process.on('disconnect', () => process.exit())
