import { expect } from 'vitest'
import { type TraceMatchers, traceMatchers } from './matchers.ts'
import { openTraces as open, type Traces, type TracesOptions } from './open-traces.ts'

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: vitest declares its parameter so, and they must agree
  interface Matchers<T = any> extends TraceMatchers<T> {}
}

expect.extend(traceMatchers)

export type { SpanPattern, SpanTree } from './match/span-pattern.ts'
export type { Trace } from './trace.ts'
export type { Traces, TracesOptions }

/** Traces for vitest, with the matchers on its `expect`; close it after the tests. */
export function openTraces(options?: TracesOptions): Promise<Traces> {
  return open(options, 'vitest', () => expect.getState().currentTestName ?? '')
}
