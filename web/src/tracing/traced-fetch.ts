import {
  type Attributes,
  type Context,
  context,
  defaultTextMapSetter,
  type HrTime,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_FULL,
} from '@opentelemetry/semantic-conventions'
import { methodAttributes } from './http-method.ts'
import { clockOf, withClock } from './operation-clock.ts'
import { mayPropagateTo } from './propagation-targets.ts'
import { ResourceTiming } from './resource-timing.ts'
import { watchBody } from './watch-body.ts'

/** What `fetch` takes, and what the span needs besides. */
export interface TracedFetchOptions extends RequestInit {
  /** The span's name: of the operation, with no ids or other values in it. */
  name: string
  /**
   * The context of the span that this request is a part of, with the clock of its operation (see
   * index.ts); a new trace when there is none.
   */
  parent?: Context
}

/** A request under way: everything but `response` is known before the first byte leaves. */
export interface TracedRequest {
  /** 32 hex digits; all zeros while tracing is not started. */
  traceId: string
  /** 16 hex digits. */
  spanId: string
  /** What was injected, and went out as headers; empty when the origin may not have it. */
  carrier: Record<string, string>
  /** What `fetch` gives: the response as soon as its headers are there, or the same rejection. */
  response: Promise<Response>
}

/**
 * Fetches `url` inside a CLIENT span, and tells the server which span that is.
 * The names of the attributes are those of the semantic conventions 1.45 for HTTP clients.
 */
export function tracedFetch(url: URL, options: TracedFetchOptions): TracedRequest {
  const { name, parent: given = context.active(), ...init } = options

  // 1. Start the span. Its context is passed by hand from here on.
  const parent = withClock(given)
  const clock = clockOf(parent)
  const startTime = clock.now()
  const attributes = requestAttributes(url, init)
  const tracer = trace.getTracer('traced-fetch')
  const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, startTime, attributes }, parent)

  // 2. Inject the context of the span into a carrier, which is an empty map.
  const carrier: Record<string, string> = {}
  if (mayPropagateTo(url)) {
    propagation.inject(trace.setSpan(parent, span), carrier, defaultTextMapSetter)
  }

  const send = async (): Promise<Response> => {
    const timing = new ResourceTiming(url, clock)
    // 5. End the span, whatever happened: a span that does not end is never exported. Nobody but
    // the span waits for its timing.
    const over = (error?: unknown) => {
      const endTime = clock.now()
      if (error !== undefined && !isIntended(init.signal)) recordFailure(span, error, endTime)
      timing.recordOn(span, endTime, error === undefined, () => {
        // When the page was left meanwhile, it has ended already.
        if (span.isRecording()) span.end(endTime)
      })
    }
    try {
      // 3. The carrier becomes headers of the request: the server extracts the context from them.
      const headers = new Headers(init.headers)
      for (const [key, value] of Object.entries(carrier)) headers.set(key, value)
      const response = await timing.during(() => fetch(url, { ...init, headers }))

      // 4. `fetch` resolves when the headers are there; the request is over at the last byte.
      recordStatus(span, response.status)
      return watchBody(response, over)
    } catch (error) {
      over(error)
      throw error
    }
  }

  const { traceId, spanId } = span.spanContext()
  return { traceId, spanId, carrier, response: send() }
}

function requestAttributes(url: URL, init: RequestInit): Attributes {
  const defaultPort = url.protocol === 'https:' ? 443 : 80
  return {
    ...methodAttributes(asSent(init.method ?? 'GET')),
    [ATTR_SERVER_ADDRESS]: url.hostname,
    [ATTR_SERVER_PORT]: url.port === '' ? defaultPort : Number(url.port),
    // Without credentials and query: both may hold secrets, and traces are read by many.
    [ATTR_URL_FULL]: url.origin + url.pathname,
  }
}

/** `fetch` writes these in capitals and no others: `patch` goes out as it is. */
function asSent(method: string): string {
  const capitals = method.toUpperCase()
  return /^(DELETE|GET|HEAD|OPTIONS|POST|PUT)$/.test(capitals) ? capitals : method
}

/** To a client 4xx is an error as well: the request did not do what it was made for. */
function recordStatus(span: Span, status: number): void {
  if (!span.isRecording()) return
  span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status)
  if (status < 400) return
  span.setAttribute(ATTR_ERROR_TYPE, String(status))
  span.setStatus({ code: SpanStatusCode.ERROR })
}

/** No response, or not all of it. A page is not told whether that was the network, DNS, TLS or CORS. */
function recordFailure(span: Span, reason: unknown, time: HrTime): void {
  if (!span.isRecording()) return
  const error = reason instanceof Error ? reason : new Error(String(reason))
  span.setAttribute(ATTR_ERROR_TYPE, error.name)
  span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
  span.recordException(error, time)
}

/** Somebody changed their mind: that is no error. A deadline that passed (TimeoutError) is one. */
function isIntended(signal: AbortSignal | null | undefined): boolean {
  return signal?.aborted === true && signal.reason?.name !== 'TimeoutError'
}
