import { createServer, type ServerResponse } from 'node:http'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import {
  bearer,
  challenge,
  guarded,
  type LoopbackServer,
  loopbackOrigins,
  queryTokenVariable,
  type Refusal,
  reasonToRefuse,
  serveOnLoopback,
} from '@pingtrace/loopback'
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { jaeger } from '../jaeger/jaeger.ts'
import { mcp } from '../mcp/mcp.ts'
import { contentType } from '../metrics/exposition.ts'
import type { TraceStore } from '../store/trace-store.ts'
import { apiError, apiV3 } from './api-v3.ts'
import { arrivals } from './arrivals.ts'
import { findings } from './findings.ts'
import { type QueryLimits, queryLimits } from './limits.ts'
import { live } from './live.ts'
import { overviews } from './overviews.ts'
import { type RequestSource, requests } from './requests.ts'
import { search } from './search.ts'

const about = `pingtrace collector: queries and the live stream.

GET /api/v3/services
GET /api/v3/operations?service=
GET /api/v3/traces/{traceId}
GET /api/v3/traces?query.startTimeMin=&query.startTimeMax=
GET /api/v3/trace-summaries?query.startTimeMin=&query.startTimeMax=
GET /live/v1/traces?limit=20
GET /live/v1/traces/{traceId}/arrivals
GET /live/v1/traces/{traceId}/findings
GET /live/v1/stream?traceId=&after=
GET /live/v1/search?q={TraceQL}&start=&end=&limit=20
GET /live/v1/operations?q={TraceQL}&start=&end=
GET /live/v1/service-map?q={TraceQL}&start=&end=
GET /live/v1/requests
GET /live/v1/requests/stream?after=
GET /jaeger/... (the paths that the viewer reads, over the configured Jaeger)
GET /healthz
GET /metrics
POST /mcp (Model Context Protocol)
`

export interface QueryOptions {
  /** The pages' origins; other pages get 403, since what they may not read is not sent. */
  origins: readonly string[]
  /** Names besides the loopback ones under which it may be addressed. */
  hosts?: readonly string[]
  /** Further addresses to listen on. */
  addresses?: readonly string[] | undefined
  /** The bearer token that every request for what is stored must have. */
  token?: string | undefined
  /** What `/healthz` says of the parts that queries know nothing of. */
  health?: () => Record<string, unknown>
  /** What `/metrics` says, in Prometheus' text format; told how many streams are open. */
  metrics?: (streams: number) => string
  /** The requests that came lately. */
  received?: RequestSource
  /** The one Jaeger that can be read under `/jaeger` (readJaegerUrl). */
  jaegerUrl?: URL | undefined
  /** Instead of the usual ones. */
  limits?: Partial<QueryLimits> | undefined
  /** What is at `/` (viewerFiles); a list of the paths, where there is no viewer. */
  viewer?: Hono | undefined
}

/**
 * Answers what is stored, to programs of this machine, to the pages that are listed, and to the
 * viewer that it serves itself.
 */
export async function startQueryServer(
  store: TraceStore,
  port: number,
  options: QueryOptions,
): Promise<LoopbackServer> {
  const { origins, hosts = [] } = options
  const stop = new AbortController()
  const limits = { ...queryLimits, ...options.limits }
  const app = createApp(store, options, limits, stop.signal)
  // Browsers name no origin in a GET to a page's own server. They may, and then it is this one.
  let own: readonly string[] = []
  const isListed = (origin: string) => origins.includes(origin) || own.includes(origin)
  const rules = { hosts, isListed, allowsLinks: true }
  const listener = guarded(
    getRequestListener(app.fetch),
    (request) => reasonToRefuse(request, rules),
    refusal,
  )
  const timeouts = {
    headersTimeout: limits.requestMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: Math.min(limits.requestMs / 2, 5_000),
  }
  const create = () => {
    const server = createServer(timeouts, listener)
    server.maxConnections = limits.connections
    return server
  }
  const server = await serveOnLoopback(create, port, options.addresses)
  own = loopbackOrigins(server.port)
  return {
    port: server.port,
    close: (graceMs) => {
      stop.abort()
      return server.close(graceMs)
    },
  }
}

/** The error body of Jaeger's gateway, as everywhere on this port. */
function refusal(message: string): Refusal {
  const body = JSON.stringify({ error: { httpCode: 403, message } })
  return { contentType: 'application/json', body }
}

function createApp(
  store: TraceStore,
  options: QueryOptions,
  limits: QueryLimits,
  stop: AbortSignal,
) {
  const { origins, token, health = () => ({}), metrics = () => '' } = options
  const { received, viewer, jaegerUrl } = options
  const streams = new Set<ServerResponse>()
  const app = new Hono<{ Bindings: HttpBindings }>()

  app.use(
    cors({
      origin: [...origins],
      allowMethods: ['GET'],
      allowHeaders: ['Last-Event-ID', 'Authorization'],
      maxAge: 7_200,
    }),
  )

  app.use(async (c, next) => {
    const isRead = c.req.method === 'GET' || c.req.method === 'HEAD'
    // Asked in a protocol of its own, which has a POST for everything.
    if (isRead || c.req.path === '/mcp') return next()
    c.header('Allow', 'GET, HEAD')
    return apiError(c, 405, `${c.req.method} is of no use here: everything is read by GET`)
  })

  app.use((c, next) => {
    c.header('X-Content-Type-Options', 'nosniff')
    return next()
  })

  // All but what has nothing in it: the viewer, which asks for the token, and that we are well.
  const isAuthorized = bearer(token)
  app.use((c, next) => {
    const authorization = c.req.header('Authorization')
    const isOpen = c.req.path === '/' || c.req.path.startsWith('/assets/')
    if (isOpen || isAuthorized(authorization)) return next()
    c.header('Cache-Control', 'no-store')
    if (c.req.path === '/healthz') return Promise.resolve(c.json({ status: 'ok' }))
    c.header('WWW-Authenticate', challenge('pingtrace queries', authorization))
    const message = `what is stored is told with "Authorization: Bearer <token>" only: ${queryTokenVariable} has it`
    return Promise.resolve(apiError(c, 401, message))
  })

  // Every answer is of this moment only. (A preflight's is kept by `maxAge`, which is apart.)
  for (const path of ['/api/*', '/live/*', '/jaeger/*', '/mcp', '/healthz', '/metrics']) {
    app.use(path, (c, next) => {
      c.header('Cache-Control', 'no-store')
      return next()
    })
  }

  if (viewer === undefined) app.get('/', (c) => c.text(about))
  else app.route('/', viewer)
  app.get('/metrics', (c) => c.text(metrics(streams.size), 200, { 'Content-Type': contentType }))
  app.get('/healthz', (c) =>
    c.json({
      status: 'ok',
      traces: store.traceCount,
      spans: store.spanCount,
      streams: streams.size,
      ...(jaegerUrl && { jaeger: jaegerUrl.href }),
      ...health(),
    }),
  )
  app.route('/api/v3', apiV3(store, limits))
  app.route('/live/v1', live(store, streams, stop, limits))
  app.route('/live/v1', search(store, stop))
  app.route('/live/v1', overviews(store, stop, limits))
  app.route('/live/v1', arrivals(store, limits))
  app.route('/live/v1', findings(store, limits, received, viewer !== undefined))
  app.route('/mcp', mcp(store, limits, received))
  if (jaegerUrl) app.route('/jaeger', jaeger(jaegerUrl, streams, stop, limits))
  if (received) app.route('/live/v1', requests(received, streams, stop, limits))

  app.notFound((c) => apiError(c, 404, `there is no ${c.req.path}`))
  app.onError((error, c) => {
    console.error('collector: a query failed:', error)
    return apiError(c, 500, 'the query failed; the collector has logged why')
  })
  return app
}
