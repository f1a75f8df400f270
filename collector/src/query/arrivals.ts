import { Hono } from 'hono'
import type { TraceStore } from '../store/trace-store.ts'
import { apiError, isTraceId } from './api-v3.ts'
import type { QueryLimits } from './limits.ts'

/**
 * `GET /live/v1/traces/{traceId}/arrivals`: the order in which a trace's spans arrived. The contract
 * stands with TraceArrivals in @pingtrace/otlp.
 */
export function arrivals(store: TraceStore, limits: Pick<QueryLimits, 'arrivals'>): Hono {
  const app = new Hono()

  app.get('/traces/:traceId/arrivals', (c) => {
    const traceId = c.req.param('traceId').toLowerCase()
    if (!isTraceId(traceId)) return apiError(c, 400, 'a trace id has 32 hex digits')
    const found = store.arrivalsOf(traceId, limits.arrivals)
    if (found.arrivals.length === 0) return apiError(c, 404, 'no span of this trace is stored')
    return c.json(found)
  })

  return app
}
