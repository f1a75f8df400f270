/**
 * A collector in a process of its own, for tests that end it. It loads, then waits to be told where
 * its folder is: so the next one can be ready when the one before is killed.
 */
import { type CollectorOptions, startCollector } from './collector.ts'

export type ChildOptions = Pick<CollectorOptions, 'dataDir' | 'retention'>

process.once('message', async (options: ChildOptions) => {
  const { ports } = await startCollector({
    ports: { otlpGrpc: 0, otlpHttp: 0, query: 0 },
    ...options,
    queryOrigins: [],
  })
  process.send?.({ ports })
})
