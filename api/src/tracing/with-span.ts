import { context, type Span, type SpanOptions, SpanStatusCode, trace } from '@opentelemetry/api'
import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions'
import { clockOf, type OperationClock, withClock } from './operation-clock.ts'

/**
 * A tracer is named after the code that makes the spans (their instrumentation scope), not after
 * the service: that is the resource's to tell. The provider behind it may be registered later.
 */
const tracer = trace.getTracer('with-span')

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

/** Of each error, the trace that has it as an event already. */
const recordedIn = new WeakMap<Error, string>()

/**
 * Marks a span as failed: the one place where an error becomes status, attribute and event.
 *
 * An error on its way out passes through a span and those around it, and each of them has failed.
 * The event, with the stack, is only for the first: an exception belongs to the span during which
 * it occurred (OpenTelemetry specification, “Exceptions”), and back ends count these events.
 */
export function recordFailure(span: Span, error: unknown, clock: OperationClock): void {
  const type = errorType(error)
  // Node's error for a host with several addresses has a code, but an empty message.
  const message = (error instanceof Error ? error.message : String(error)) || type
  span.setStatus({ code: SpanStatusCode.ERROR, message })
  span.setAttribute(ATTR_ERROR_TYPE, type)

  const { traceId } = span.spanContext()
  if (!(error instanceof Error)) {
    span.recordException({ name: type, message }, clock.now())
  } else if (recordedIn.get(error) !== traceId) {
    span.recordException(error, clock.now())
    // By trace, because drivers may throw one and the same object at several operations.
    recordedIn.set(error, traceId)
  }
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
