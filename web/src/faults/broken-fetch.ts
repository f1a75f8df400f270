import {
  type Context,
  defaultTextMapSetter,
  type HrTime,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-web'
import { clockOf, type TracedRequest, tracedFetch, withClock } from '../tracing/index.ts'
import type { PageFault } from './faults.ts'

const hours = 3_600

/**
 * The client as it should not be written: `tracedFetch` with one mistake in it. Each step is numbered
 * as there; what is wrong says so.
 */
export function brokenFetch(
  fault: PageFault,
  url: URL,
  options: { name: string; signal: AbortSignal },
): TracedRequest {
  return fault === 'lost-context' ? loseContext(url, options) : fetchWith(fault, url, options)
}

function fetchWith(
  fault: PageFault,
  url: URL,
  { name, signal }: { name: string; signal: AbortSignal },
): TracedRequest {
  // 1. Start the span.
  const parent = withClock(ROOT_CONTEXT)
  const clock = clockOf(parent)
  const now = (): HrTime => {
    const [seconds, nanos] = clock.now()
    // WRONG: nobody set this clock.
    return fault === 'skewed-clock' ? [seconds - 8 * hours, nanos] : [seconds, nanos]
  }
  // WRONG: nobody exports what this tracer makes.
  const tracer = fault === 'export-fails' ? unexported() : trace.getTracer('broken-fetch')
  const attributes = {
    'http.request.method': 'GET',
    'server.address': url.hostname,
    'server.port': Number(url.port),
    'url.full': url.origin + url.pathname,
  }
  const startTime = now()
  const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, startTime, attributes }, parent)

  // 2. Inject its context into a carrier.
  const carrier: Record<string, string> = {}
  const inject = (): void =>
    propagation.inject(trace.setSpan(parent, span), carrier, defaultTextMapSetter)
  // WRONG: the one fault leaves it out, the other does it below.
  if (fault !== 'not-injected' && fault !== 'injected-late') inject()
  if (fault === 'flags-00') carrier.traceparent = carrier.traceparent?.replace(/..$/, '00') ?? ''

  const send = async (): Promise<Response> => {
    try {
      // 3. The carrier becomes headers of the request.
      const answer = fetch(url, { headers: { ...carrier }, signal })
      // WRONG: fetch has read the headers by now.
      if (fault === 'injected-late') inject()
      const response = await answer
      span.setAttribute('http.response.status_code', response.status)

      // 4. The request is over at the last byte.
      return new Response(await response.arrayBuffer(), response)
    } catch (reason) {
      const error = reason instanceof Error ? reason : new Error(String(reason))
      span.setAttribute('error.type', error.name)
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
      throw error
    } finally {
      // 5. End the span, whatever happened.
      span.end(now())
    }
  }

  const { traceId, spanId } = span.spanContext()
  const response = send()
  // What went out as headers, which is not what the carrier holds by now.
  return { traceId, spanId, carrier: fault === 'injected-late' ? {} : carrier, response }
}

/** A span around the call, whose context is relied upon instead of passed. */
function loseContext(
  url: URL,
  { name, signal }: { name: string; signal: AbortSignal },
): TracedRequest {
  const operation: Context = withClock(ROOT_CONTEXT)
  const clock = clockOf(operation)
  const tracer = trace.getTracer('broken-fetch')
  const span = tracer.startSpan('ping clicked', { startTime: clock.now() }, operation)
  const call = async (): Promise<Response> => {
    try {
      await Promise.resolve()
      // WRONG: no `parent: trace.setSpan(operation, span)`. There is no active context to fall back to.
      const response = await tracedFetch(url, { name, signal }).response
      return new Response(await response.arrayBuffer(), response)
    } finally {
      span.end(clock.now())
    }
  }
  const { traceId, spanId } = span.spanContext()
  return { traceId, spanId, carrier: {}, response: call() }
}

function unexported(): Tracer {
  return new BasicTracerProvider().getTracer('broken-fetch')
}
