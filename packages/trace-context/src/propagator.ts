import {
  type Context,
  createContextKey,
  isSpanContextValid,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'
import { formatTraceparent, RANDOM_FLAG, readTraceparent } from './traceparent.ts'
import { parseTracestate } from './tracestate.ts'

/** The span context that came with the request: the SDK keeps only one flag of it for its spans. */
const extractedKey = createContextKey('extracted span context')

/**
 * W3C Trace Context level 2, by the letter: passes all cases of the W3C's own test harness, of which
 * `W3CTraceContextPropagator` of `@opentelemetry/core` 2.12 fails five.
 *
 * It differs from that one in the random flag, which is kept for traces that we continue and set for
 * those that we begin, in dropping a `tracestate` with any illegal member as a whole, in taking no
 * `traceparent` of two, and in writing no flags that level 2 does not know.
 *
 * Only for tracers whose trace ids are random, as those of the SDK are.
 */
export class TraceContextPropagator implements TextMapPropagator {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = trace.getSpanContext(context)
    if (!span || !isSpanContextValid(span) || isTracingSuppressed(context)) return

    // Who continues a trace must pass its random flag on as it is; who begins one knows the truth.
    const extracted = context.getValue(extractedKey) as SpanContext | undefined
    const isContinued = extracted?.traceId === span.traceId
    const random = isContinued ? extracted.traceFlags & RANDOM_FLAG : RANDOM_FLAG
    setter.set(carrier, 'traceparent', formatTraceparent(span, random))

    const tracestate = span.traceState?.serialize()
    if (tracestate) setter.set(carrier, 'tracestate', tracestate)
  }

  /** Returns `context` as it is where the carrier has no valid `traceparent`; never throws. */
  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const traceparent = readTraceparent(getter.get(carrier, 'traceparent'))
    if (traceparent.outcome !== 'valid') return context

    const span: SpanContext = { ...traceparent.spanContext, isRemote: true }
    const tracestate = parseTracestate([getter.get(carrier, 'tracestate') ?? ''].flat().join())
    if (tracestate) span.traceState = tracestate
    return trace.setSpanContext(context, span).setValue(extractedKey, span)
  }

  fields(): string[] {
    return ['traceparent', 'tracestate']
  }
}
