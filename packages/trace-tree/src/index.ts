export { buildTraceTree, type TraceNode, type TraceTree, visibleRows } from './trace-tree.ts'
