import type { HttpBindings } from '@hono/node-server'
import {
  type Attributes,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_PATH,
  ATTR_URL_SCHEME,
} from '@opentelemetry/semantic-conventions'
import { ATTR_PROPAGATION_SAMPLED, explainExtraction } from '@pingtrace/trace-context'
import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import { findTargetHandler, isMiddleware } from 'hono/utils/handler'
import { methodAttributes, nameOfMethod } from './http-method.ts'
import { clockOf, type OperationClock, withClock } from './operation-clock.ts'
import { recordFailure } from './with-span.ts'

const tracer = trace.getTracer('server-span')

/**
 * Hono middleware that continues the caller's trace: takes the context out of the request's headers
 * and opens the SERVER span, which whatever runs behind it sees as its parent.
 *
 * Register it after CORS, so that preflights make no span, and after routes that are not to be
 * traced.
 */
export function serverSpan(): MiddlewareHandler {
  return async (c, next) => {
    // 1. The propagator's headers (traceparent, tracestate) go into a carrier, and it extracts a
    // context from that; from the root, because a request's parent is what its headers say, and
    // not what happens to be active here. A header that came twice is one value here, with a comma.
    const carrier: Record<string, string> = {}
    for (const field of propagation.fields()) {
      const value = c.req.header(field)
      if (value !== undefined) carrier[field] = value
    }
    const parent = withClock(propagation.extract(ROOT_CONTEXT, carrier))
    const clock = clockOf(parent)

    // 2. The span is the caller's child; without a valid header it starts a trace of its own, and
    // says why: a trace that is torn here is looked for here.
    const attributes = requestAttributes(c)
    const caller = trace.getSpanContext(parent)
    if (caller === undefined) {
      Object.assign(attributes, explainExtraction(carrier.traceparent))
    } else if ((caller.traceFlags & TraceFlags.SAMPLED) === 0) {
      attributes[ATTR_PROPAGATION_SAMPLED] = false
    }
    // Named by its route, as in the article; the conventions put the method before it: `GET /ping`.
    const span = tracer.startSpan(
      routeOf(c) ?? nameOfMethod(c.req.method),
      { kind: SpanKind.SERVER, attributes, startTime: clock.now() },
      parent,
    )

    // 3. The handler runs in the span's context. Hono turns an Error into a response and keeps it
    // in c.error; anything else that is thrown comes through here. The end is listened for before
    // that: the caller may be gone before the handler is done.
    const over = whenOver(c)
    try {
      await context.with(trace.setSpan(parent, span), next)
    } catch (thrown) {
      recordFailure(span, thrown, clock)
      span.end(clock.now())
      throw thrown
    }

    // 4. The outcome, and the end: not here but when the response is over, so that what the span's
    // end sets off (the export) never delays the answer.
    recordOutcome(span, c, clock)
    void over.then((failure) => {
      if (failure !== undefined) recordFailure(span, failure, clock)
      span.end(clock.now())
    })
  }
}

/**
 * The pattern of the route that will answer, such as `/redis/:length`; undefined on a 404.
 *
 * What matches is also middleware, whose path is no route: `/api/*` would be the route of every
 * wrong address below it. Hono keeps both in one list, in the order in which they run, and tells
 * them apart as here: a handler takes the context, middleware also takes `next`.
 */
function routeOf(c: Context): string | undefined {
  return matchedRoutes(c).find(({ handler }) => !isMiddleware(findTargetHandler(handler)))?.path
}

/** By the HTTP conventions, but for `url.query`: what callers put into it is not ours to keep. */
function requestAttributes(c: Context): Attributes {
  const url = new URL(c.req.url)
  const route = routeOf(c)
  return {
    ...methodAttributes(c.req.method),
    [ATTR_URL_PATH]: url.pathname,
    [ATTR_URL_SCHEME]: url.protocol.slice(0, -1),
    [ATTR_SERVER_ADDRESS]: url.hostname.replace(/^\[(.*)\]$/, '$1'), // [::1] is ::1
    ...(url.port === '' ? {} : { [ATTR_SERVER_PORT]: Number(url.port) }),
    ...(route === undefined ? {} : { [ATTR_HTTP_ROUTE]: route }),
  }
}

/** A 5xx is the server's failure; a 4xx is the caller's, and leaves the server's span unset. */
function recordOutcome(span: Span, c: Context, clock: OperationClock): void {
  const { status } = c.res
  span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status)
  if (status < 500) return
  if (c.error !== undefined) {
    recordFailure(span, c.error, clock)
  } else {
    span.setStatus({ code: SpanStatusCode.ERROR })
    span.setAttribute(ATTR_ERROR_TYPE, String(status))
  }
}

/**
 * Resolves when the response is over: with undefined when its last byte was handed over, or the
 * caller went away (not an error: whoever asked may also stop listening); with the error when its
 * body failed. A streamed response is under way long after its handler returned.
 *
 * Node's own response tells this. Wrapping the body in a stream of ours would tell it anywhere, but
 * turns every response, however short, into a streamed one. In `app.request()` there is no response
 * of Node's, and no streaming either: there it is over when the handler is.
 */
function whenOver(c: Context): Promise<Error | undefined> {
  const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>
  if (outgoing === undefined) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    outgoing.once('close', () => resolve(outgoing.errored ?? undefined))
  })
}
