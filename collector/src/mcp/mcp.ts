import { Hono } from 'hono'
import { apiError, tryLater } from '../query/api-v3.ts'
import type { QueryLimits } from '../query/limits.ts'
import type { RequestSource } from '../query/requests.ts'
import type { TraceStore } from '../store/trace-store.ts'
import type { McpEndpoint } from './endpoint.ts'

/**
 * `POST /mcp`: the Model Context Protocol (docs/mcp.md). Its SDK is loaded when it is first asked, so
 * that nobody else's start waits for it.
 */
export function mcp(store: TraceStore, limits: QueryLimits, received?: RequestSource): Hono {
  const app = new Hono()
  let endpoint: Promise<McpEndpoint> | undefined
  let asked = 0

  app.post('/', async (c) => {
    if (asked >= limits.searches) return tryLater(c, `${asked} questions are under way`)
    asked++
    let isOver = false
    const settle = (): void => {
      if (!isOver) asked--
      isOver = true
    }
    try {
      endpoint ??= import('./endpoint.ts').then((module) =>
        module.createMcpEndpoint(store, limits, received),
      )
      const response = await (await endpoint).fetch(c.req.raw)
      // The rest of what is too large is never read, so nothing can follow it on this connection.
      if (response.status === 413) response.headers.set('Connection', 'close')
      // Older clients get a stream, and it is there before what it will say.
      if (response.body === null) settle()
      const body = response.body && whenRead(response.body, settle)
      return new Response(body, response)
    } catch (error) {
      settle()
      throw error
    }
  })

  // No sessions: there is none to listen to, and none to end.
  app.all('/', (c) => {
    c.header('Allow', 'POST')
    return apiError(c, 405, 'the Model Context Protocol is spoken by POST')
  })

  return app
}

/** The same stream; `done` is called at its end, and where nobody wants the rest of it. */
function whenRead(body: ReadableStream<Uint8Array>, done: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream({
    pull: async (controller) => {
      try {
        const part = await reader.read()
        if (!part.done) return controller.enqueue(part.value)
        controller.close()
        done()
      } catch (error) {
        done()
        throw error
      }
    },
    cancel: (reason) => {
      done()
      return reader.cancel(reason)
    },
  })
}
