import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { SearchTooLargeError, searchLimits } from '../store/trace-query.ts'
import type { TraceStore } from '../store/trace-store.ts'
import { answerInPieces, asJson } from './answer-in-pieces.ts'
import { asText, ParameterError, readParameter, readTraceQuery } from './find-parameters.ts'
import { parseBool, parseTime, parseTraceId } from './go-syntax.ts'
import type { QueryLimits } from './limits.ts'

/**
 * What Jaeger's api/v3 calls the kinds (by number of Span.SpanKind in trace.proto). Its gateway
 * calls a kind that was left out internal, as OTLP advises.
 */
const spanKinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer']

/**
 * Queries in the shape of Jaeger's api/v3, because other viewers and scripts know it: the routes,
 * parameters and status codes of cmd/jaeger/internal/extension/jaegerquery/internal/apiv3 in
 * jaegertracing/jaeger v2.20.0. Where this differs on purpose: a search depth out of range and the
 * parameter `query.filter` are 400 (500, and ignored, there), errors are JSON by content type too, and
 * no service name is made up for a resource that has none.
 */
export function apiV3(store: TraceStore, limits: QueryLimits): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>()
  let searches = 0

  const answerSpans = (
    c: Context<{ Bindings: HttpBindings }>,
    ids: Iterable<string>,
    no: string,
  ) => {
    const parts = store.readInParts(ids, limits.partBytes)
    const first = parts.next()
    if (first.done) return apiError(c, 404, no)
    return answerInPieces(c, asJson(first.value, parts), limits.stallMs)
  }

  app.get('/services', (c) => c.json({ services: store.services() }))

  app.get('/operations', (c) => {
    const parameters = parametersOf(c)
    const kind = readParameter(parameters, 'spanKind', asText)
    const operations = new Map<string, { name: string; spanKind: string }>()
    for (const each of store.operations(parameters.get('service') ?? '')) {
      const spanKind = spanKinds[each.kind]!
      if (kind !== undefined && kind !== spanKind) continue
      // A kind that was left out and one that is internal are the same operation by now.
      operations.set(`${spanKind} ${each.name}`, { name: each.name, spanKind })
    }
    return c.json({ operations: [...operations.values()] })
  })

  app.get('/traces/:traceId', (c) => {
    const traceId = parseTraceId(c.req.param('traceId'))
    if (traceId === undefined) return apiError(c, 400, 'malformed parameter trace_id')
    const parameters = parametersOf(c)
    // Hints to Jaeger's storages where to look: the index here knows. Nothing is adjusted either.
    for (const name of ['startTime', 'endTime']) readParameter(parameters, name, parseTime)
    readParameter(parameters, 'rawTraces', parseBool)
    return answerSpans(c, [traceId], 'no span of this trace is stored')
  })

  for (const path of ['/traces', '/trace-summaries']) {
    app.use(path, (c, next) => {
      if (searches >= limits.searches) {
        return Promise.resolve(tryLater(c, `${limits.searches} searches are under way`))
      }
      searches++
      return next().finally(() => {
        searches--
      })
    })
  }

  app.get('/traces', async (c) => {
    const found = await store.findTraces(readTraceQuery(parametersOf(c)))
    return answerSpans(c, asManyAsFit(store, found), 'no trace fits the query')
  })

  app.get('/trace-summaries', async (c) =>
    c.json({ summaries: await store.describeTraces(readTraceQuery(parametersOf(c))) }),
  )

  app.onError((error, c) => {
    if (error instanceof ParameterError) return apiError(c, 400, error.message)
    if (error instanceof SearchTooLargeError) {
      const advice = 'ask for a shorter time, a service or an operation'
      return apiError(c, 400, `${error.message} to look at attributes: ${advice}`)
    }
    // For the server's own handler, which logs what nobody foresaw.
    throw error
  })

  return app
}

/** The first traces that are not too many bytes together, and one at least. */
function* asManyAsFit(store: TraceStore, traceIds: readonly string[]): Generator<string, void> {
  let bytesLeft = searchLimits.answerBytes
  for (const [i, traceId] of traceIds.entries()) {
    bytesLeft -= store.bytesOf(traceId)
    if (i > 0 && bytesLeft < 0) return
    yield traceId
  }
}

function parametersOf(c: Context): URLSearchParams {
  return new URL(c.req.url).searchParams
}

/** Either case: people paste ids from anywhere. */
export function isTraceId(text: string): boolean {
  return /^[0-9a-f]{32}$/i.test(text)
}

/** The error body of Jaeger's gateway. */
export function apiError(
  c: Context,
  httpCode: 400 | 401 | 403 | 404 | 405 | 500 | 501 | 502 | 503,
  message: string,
): Response {
  return c.json({ error: { httpCode, message } }, httpCode)
}

/** For what would be one too many now. */
export function tryLater(c: Context, message: string): Response {
  c.header('Retry-After', '1')
  return apiError(c, 503, message)
}
