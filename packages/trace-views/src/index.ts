export { allPaths, type CallPath, callPaths } from './call-paths.ts'
export {
  type Change,
  type ComparedSpan,
  type Comparison,
  compareTraces,
  noise,
} from './compare-traces.ts'
export { type FlameFrame, type FlameLayout, layOutFlame } from './flame-layout.ts'
export { durationOf, selfTimeOf } from './self-time.ts'
export { type SpanStatistics, spanStatistics } from './statistics.ts'
export { traceShape } from './trace-shape.ts'
