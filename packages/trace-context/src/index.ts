// To copy with the tracing folders: see ../README.md.
export {
  ATTR_PROPAGATION_EXTRACTION,
  ATTR_PROPAGATION_SAMPLED,
  ATTR_PROPAGATION_TRACEPARENT,
  explainExtraction,
} from './extraction.ts'
export { TraceContextPropagator } from './propagator.ts'
export { readTraceparent, type Traceparent } from './traceparent.ts'
export { parseTracestate } from './tracestate.ts'
