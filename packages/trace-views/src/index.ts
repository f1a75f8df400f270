export { durationOf, selfTimeOf } from './self-time.ts'
export { type SpanStatistics, spanStatistics } from './statistics.ts'
