/**
 * What an application takes from here. A span around several requests, by hand: its context, and
 * with it the clock of the whole operation, is passed to each of them, across any `await`.
 *
 * ```ts
 * const operation = withClock(ROOT_CONTEXT)
 * const clock = clockOf(operation)
 * const span = tracer.startSpan('check out', { startTime: clock.now() }, operation)
 * const parent = trace.setSpan(operation, span)
 * try {
 *   const items = await (await tracedFetch(cart, { name: 'read the cart', parent }).response).json()
 *   const placed = tracedFetch(order, { name: 'place the order', method: 'POST', parent })
 *   await (await placed.response).text() // to the last byte, which ends its span
 * } finally {
 *   span.end(clock.now())
 * }
 * ```
 */
export type { FlushReport } from './export-ledger.ts'
export { clockOf, type OperationClock, withClock } from './operation-clock.ts'
export { flushTracing, startTracing, type TracingOptions } from './start-tracing.ts'
export { type TracedFetchOptions, type TracedRequest, tracedFetch } from './traced-fetch.ts'
