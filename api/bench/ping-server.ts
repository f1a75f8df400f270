import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import { SpanKind } from '@opentelemetry/api'
import { createApp } from '../src/app.ts'
import type { Leg } from '../src/legs/leg.ts'
import { randomLetters } from '../src/legs/random-letters.ts'
import { traced, withSpan } from '../src/tracing/index.ts'

/** What the bench hears from a server: first where it listens, then its CPU whenever it asks. */
export type ServerMessage = { url: string } | { cpuMicros: number }

/**
 * Serves the API's own `createApp` on a free port, with stubs for Redis and MongoDB: what the real
 * drivers cost would only hide what tracing costs. A stub makes the spans of the leg that it stands
 * for, and answers in the next turn of the event loop, as a very near server would.
 *
 * @param flush sends the spans of the requests so far, so that their export is counted with them
 */
export async function servePings(flush: () => Promise<void>): Promise<void> {
  const app = createApp({
    redis: stub('redis', 'redis_integration', 'server redis operation'),
    mongodb: stub('mongodb', 'mongo_integration', 'server mongo operation'),
    allowedOrigins: [],
    embedded: new Set(),
  })
  const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }))
  await once(server.listen(0, '127.0.0.1'), 'listening')

  const tell = (message: ServerMessage) => process.send?.(message)
  process.on('message', async () => {
    await flush()
    const { user, system } = process.cpuUsage()
    tell({ cpuMicros: user + system })
  })
  process.on('disconnect', () => process.exit())
  tell({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ping` })
}

function stub(name: Leg['name'], integration: string, operation: string): Leg {
  const attributes = {
    'db.system.name': name,
    'db.operation.name': 'stub',
    'db.namespace': '0',
    'server.address': '127.0.0.1',
    'server.port': 1,
  }
  const ask = (length: number) =>
    withSpan(operation, { kind: SpanKind.CLIENT, attributes }, async () => {
      await nextTurn()
      return randomLetters(length)
    })
  return {
    name,
    address: 'in this process',
    run: traced(integration, {}, ask),
    identify: async () => 'a stub',
    close: async () => undefined,
  }
}
