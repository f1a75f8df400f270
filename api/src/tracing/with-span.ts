import { context, type Span, type SpanOptions, SpanStatusCode, trace } from '@opentelemetry/api'
import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions'
import { clockOf, type OperationClock, withClock } from './operation-clock.ts'

/** Every hand-made span of this service; the provider behind it may be registered later. */
export const tracer = trace.getTracer('pingtrace-api')

/**
 * A span around a block. Spans that the block makes become its children, across every `await`,
 * without any context being passed. It ends when the block does; what the block throws is recorded
 * and thrown on.
 */
export async function withSpan<Result>(
  name: string,
  options: SpanOptions,
  block: (span: Span) => Promise<Result>,
): Promise<Result> {
  const parent = withClock(context.active())
  const clock = clockOf(parent)
  const span = tracer.startSpan(name, { ...options, startTime: clock.now() }, parent)
  try {
    return await context.with(trace.setSpan(parent, span), block, undefined, span)
  } catch (error) {
    recordFailure(span, error, clock)
    throw error
  } finally {
    span.end(clock.now())
  }
}

/** A span around a function: returns a function of the same signature that is traced. */
export function traced<This, Args extends unknown[], Result>(
  name: string,
  options: SpanOptions,
  fn: (this: This, ...args: Args) => Promise<Result>,
): (this: This, ...args: Args) => Promise<Result> {
  return function (...args) {
    return withSpan(name, options, () => fn.apply(this, args))
  }
}

/** Marks a span as failed: the one place where an error becomes status, attribute and event. */
export function recordFailure(span: Span, error: unknown, clock: OperationClock): void {
  const type = errorType(error)
  // Node's error for a host with several addresses has a code, but an empty message.
  const message = (error instanceof Error ? error.message : String(error)) || type
  span.setStatus({ code: SpanStatusCode.ERROR, message })
  span.setAttribute(ATTR_ERROR_TYPE, type)
  span.recordException(error instanceof Error ? error : { name: type, message }, clock.now())
}

/** How deep a chain of causes is followed; it may even be a ring. */
const MAX_CAUSES = 8

/**
 * A word of low cardinality for what went wrong, for `error.type`: the system's code, such as
 * ECONNREFUSED, when the error or one of its causes has one, otherwise the error's class.
 */
export function errorType(error: unknown): string {
  let cause = error
  for (let depth = 0; cause instanceof Error && depth < MAX_CAUSES; depth++) {
    if ('code' in cause && typeof cause.code === 'string') return cause.code
    cause = cause.cause
  }
  if (!(error instanceof Error)) return typeof error
  return error.name === 'Error' ? error.constructor.name : error.name
}
