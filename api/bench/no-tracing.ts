import { INVALID_SPAN_CONTEXT, type Span, type SpanOptions, trace } from '@opentelemetry/api'
import type { MiddlewareHandler } from 'hono'

// What src/tracing/index.ts offers to the application, without any tracing: see untraced.ts.

export { errorType } from '../src/tracing/with-span.ts'

export function serverSpan(): MiddlewareHandler {
  return (_c, next) => next()
}

export const serverTiming = serverSpan

export async function withSpan<Result>(
  _name: string,
  _options: SpanOptions,
  block: (span: Span) => Promise<Result>,
): Promise<Result> {
  return block(trace.wrapSpanContext(INVALID_SPAN_CONTEXT))
}

export function traced<Fn>(_name: string, _options: SpanOptions, fn: Fn): Fn {
  return fn
}
