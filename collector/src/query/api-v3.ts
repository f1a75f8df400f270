import { type Context, Hono } from 'hono'
import type { TraceStore } from '../store/trace-store.ts'

/**
 * What Jaeger's api/v3 calls the kinds (by number of Span.SpanKind in trace.proto); a kind that is
 * not given is an empty string there.
 */
const spanKinds = ['', 'internal', 'server', 'client', 'producer', 'consumer']

/** Queries in the shape of Jaeger's api/v3: other viewers and scripts know it. */
export function apiV3(store: TraceStore): Hono {
  const app = new Hono()

  app.get('/services', (c) => c.json({ services: store.services() }))

  app.get('/operations', (c) => {
    const service = c.req.query('service')
    if (!service) return apiError(c, 400, 'the parameter service is missing')
    const operations = store
      .operations(service)
      .map(({ name, kind }) => ({ name, spanKind: spanKinds[kind] ?? '' }))
    return c.json({ operations })
  })

  app.get('/traces/:traceId', (c) => {
    const traceId = c.req.param('traceId')
    if (!isTraceId(traceId)) return apiError(c, 400, 'a trace id has 32 hex digits')
    const { content } = store.readTrace(traceId)
    if (content.resourceSpans?.length) return c.json({ result: content })
    return apiError(c, 404, 'no span of this trace has arrived')
  })

  return app
}

/** Either case: people paste ids from anywhere. */
export function isTraceId(text: string): boolean {
  return /^[0-9a-f]{32}$/i.test(text)
}

/** The error body of Jaeger's gateway. */
export function apiError(c: Context, httpCode: 400 | 403 | 404 | 500, message: string): Response {
  return c.json({ error: { httpCode, message } }, httpCode)
}
