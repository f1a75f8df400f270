import { createServer, type ServerResponse } from 'node:http'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { type LoopbackServer, serveOnLoopback } from '@pingtrace/loopback'
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import type { TraceStore } from '../store/trace-store.ts'
import { apiError, apiV3 } from './api-v3.ts'
import { live } from './live.ts'

const about = `pingtrace collector: queries and the live stream.

GET /api/v3/services
GET /api/v3/operations?service=
GET /api/v3/traces/{traceId}
GET /live/v1/traces?limit=20
GET /live/v1/stream?traceId=&after=
GET /healthz
`

/**
 * Answers what is stored, to programs of this machine and to the pages that are listed.
 * @param origins the pages' origins; other pages get 403, since what they may not read is not sent
 */
export async function startQueryServer(
  store: TraceStore,
  port: number,
  origins: readonly string[],
): Promise<LoopbackServer> {
  const stop = new AbortController()
  const app = createApp(store, origins, stop.signal)
  const server = await serveOnLoopback(() => createServer(getRequestListener(app.fetch)), port)
  return {
    port: server.port,
    close: (graceMs) => {
      stop.abort()
      return server.close(graceMs)
    },
  }
}

function createApp(store: TraceStore, origins: readonly string[], stop: AbortSignal) {
  const allowed = new Set(origins)
  const streams = new Set<ServerResponse>()
  const app = new Hono<{ Bindings: HttpBindings }>()

  app.use(async (c, next) => {
    const origin = c.req.header('Origin')
    if (origin === undefined || allowed.has(origin)) return next()
    return apiError(c, 403, 'this page may not read traces')
  })
  app.use(
    cors({
      origin: (origin) => (allowed.has(origin) ? origin : null),
      allowMethods: ['GET'],
      allowHeaders: ['Last-Event-ID'],
      maxAge: 7_200,
    }),
  )

  app.get('/', (c) => c.text(about))
  app.get('/healthz', (c) =>
    c.json({
      status: 'ok',
      traces: store.traceCount,
      spans: store.spanCount,
      streams: streams.size,
    }),
  )
  app.route('/api/v3', apiV3(store))
  app.route('/live/v1', live(store, streams, stop))

  app.notFound((c) => apiError(c, 404, `there is no ${c.req.path}`))
  app.onError((error, c) => {
    console.error('collector: a query failed:', error)
    return apiError(c, 500, 'the query failed; the collector has logged why')
  })
  return app
}
