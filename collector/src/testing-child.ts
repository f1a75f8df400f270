/** A collector in a process of its own, for tests that end it: `testing-child.ts <data folder>`. */
import { startCollector } from './collector.ts'

const { ports } = await startCollector({
  ports: { otlpGrpc: 0, otlpHttp: 0, query: 0 },
  dataDir: process.argv[2]!,
  queryOrigins: [],
})
process.send?.({ ports })
