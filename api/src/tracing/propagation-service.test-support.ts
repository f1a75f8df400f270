import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { context, propagation, SpanKind } from '@opentelemetry/api'
import { Hono } from 'hono'
import { serverSpan } from './server-span.ts'
import { withSpan } from './with-span.ts'

/** What the W3C's harness asks of a service: call this URL, with this as the body. */
interface Call {
  url: string
  arguments: unknown
}

/** Listens on a free port of 127.0.0.1. */
export async function listen(listener: RequestListener) {
  const server = createServer(listener)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    close: async (): Promise<void> => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/**
 * The test service that the W3C's harness describes, made of the API's own tracing: `POST /test`
 * with a list of calls, each of which it makes in a span of its own, before it answers.
 * A GET answers 204, for requests that are to have no body.
 */
export function startPropagationService() {
  const app = new Hono()
  app.use(serverSpan())
  app.get('/test', (c) => c.body(null, 204))
  app.post('/test', async (c) => {
    for (const call of await c.req.json<Call[]>()) await makeCall(call)
    return c.json({})
  })
  return listen(getRequestListener(app.fetch, { overrideGlobalObjects: false }))
}

async function makeCall({ url, arguments: body }: Call): Promise<void> {
  await withSpan('call', { kind: SpanKind.CLIENT }, async () => {
    const headers: Record<string, string> = { 'content-type': 'application/json' }
    propagation.inject(context.active(), headers)
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
    await response.arrayBuffer()
  })
}
