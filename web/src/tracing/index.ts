export type { FlushReport } from './export-counts.ts'
export { flushTracing, startTracing, type TracingOptions } from './start-tracing.ts'
export {
  type Outcome,
  type TracedFetchOptions,
  type TracedRequest,
  tracedFetch,
} from './traced-fetch.ts'
