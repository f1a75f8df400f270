export { distinctSpans } from './distinct-spans.ts'
export type { OddTimes } from './time-range.ts'
export { buildTraceTree, type TraceNode, type TraceTree } from './trace-tree.ts'
export { type TraceRow, visibleRows } from './visible-rows.ts'
