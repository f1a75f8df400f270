import { context, propagation } from '@opentelemetry/api'
import type { MiddlewareHandler } from 'hono'

/**
 * Hono middleware that tells the page which span answered it:
 * `Server-Timing: trace;desc=00-<trace id>-<span id>-<flags>`, as the editor's draft of W3C Trace
 * Context writes it (section “Trace Context Server Timing Metric Format”). The page finds it in the
 * response, or in `PerformanceResourceTiming.serverTiming`; for the latter, and for the times of the
 * network, browsers demand `Timing-Allow-Origin` as well.
 *
 * Nobody else gets either header: the ids of our traces are not for strangers.
 *
 * Register it behind `serverSpan()`, whose span it names; and for reading the response itself, name
 * Server-Timing in `Access-Control-Expose-Headers`.
 *
 * @param allowedOrigins the origins that CORS lets read our responses
 */
export function serverTiming(allowedOrigins: readonly string[]): MiddlewareHandler {
  const allowed = new Set(allowedOrigins)
  return async (c, next) => {
    await next()
    const origin = c.req.header('origin')
    if (origin === undefined || !allowed.has(origin)) return

    c.header('Timing-Allow-Origin', origin)
    // The value has the format of a `traceparent`: so the propagator writes it, flags and all.
    const carrier: Record<string, string> = {}
    propagation.inject(context.active(), carrier)
    const { traceparent } = carrier
    if (traceparent) c.header('Server-Timing', `trace;desc=${traceparent}`, { append: true })
  }
}
