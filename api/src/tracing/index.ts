export { serverSpan } from './server-span.ts'
export { startTracing, type Tracing, type TracingOptions } from './start-tracing.ts'
export { errorType, traced, withSpan } from './with-span.ts'
