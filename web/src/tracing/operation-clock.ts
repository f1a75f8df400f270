import { type Context, createContextKey, type HrTime } from '@opentelemetry/api'

/**
 * The clock of one operation (a local root span and everything below it in this process).
 *
 * `Date.now()` and `performance.now()` are read once, when the operation starts; every start, end
 * and event time of its spans is that anchor plus the monotonic time since. Left to itself the SDK
 * anchors each span anew on the integer millisecond of `Date.now()`, and a child then often seems to
 * end after its parent. A clock for the whole process would be no better: `performance.now()` stands
 * still while a laptop sleeps, and every later span would be dated wrongly.
 *
 * Pass the times explicitly: `startSpan(name, { startTime: clock.now() })`, `span.end(clock.now())`,
 * `span.addEvent(name, attributes, clock.now())`.
 */
export interface OperationClock {
  /** Seconds and nanoseconds since the Unix epoch; never less than an earlier answer. */
  now(): HrTime
}

const clockKey = createContextKey('operation clock')

/** `context` itself if an operation runs in it, otherwise the context of a new operation. */
export function withClock(context: Context): Context {
  return context.getValue(clockKey) === undefined
    ? context.setValue(clockKey, startClock())
    : context
}

/** The clock of the operation that runs in `context`; one that starts now if none does. */
export function clockOf(context: Context): OperationClock {
  return (context.getValue(clockKey) as OperationClock | undefined) ?? startClock()
}

function startClock(): OperationClock {
  const epochMillis = Date.now()
  const monotonicMillis = performance.now()
  return {
    now: () => {
      const elapsed = performance.now() - monotonicMillis
      // Whole milliseconds and the rest are kept apart: a double that holds the epoch in
      // milliseconds has only a quarter of a microsecond left for the fraction.
      const whole = Math.floor(elapsed)
      const millis = epochMillis + whole
      const nanos = (millis % 1000) * 1e6 + Math.floor((elapsed - whole) * 1e6)
      return [Math.floor(millis / 1000), nanos]
    },
  }
}
