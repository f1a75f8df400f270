import { startTracing } from '../src/tracing/index.ts'
import { servePings } from './ping-server.ts'

// As the API is: retrying exporter, flushed at the end of each local root.
const tracing = startTracing({
  defaultServiceName: 'pingtrace-api',
  serviceVersion: '0.0.0',
  defaultEndpoint: 'http://127.0.0.1:4317',
})
await servePings(tracing.flush)
