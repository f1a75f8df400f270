import type { Span } from '@pingtrace/otlp'
import { arrivalWindowMs, type SpanNode, spanNodes } from '@pingtrace/trace-facts'
import { buildTraceTree, type TraceTree } from '@pingtrace/trace-tree'
import type { DiagnoseOptions } from './options.ts'

/** The trace as the rules see it. */
export interface TraceSubject {
  /** As they came, copies and all. */
  received: readonly Span[]
  tree: TraceTree
  /** All nodes that have a span, from the top down. */
  nodes: readonly SpanNode[]
  /** Of other traces. */
  elsewhere: readonly Span[]
  /** True while missing spans may only be late. */
  isPending: boolean
  options: DiagnoseOptions
}

export function makeSubject(spans: readonly Span[], options: DiagnoseOptions): TraceSubject {
  const tree = buildTraceTree(spans)
  const ids = new Set(spans.map(({ traceId }) => traceId))
  const { arrival } = options
  return {
    received: spans,
    tree,
    nodes: spanNodes(tree),
    elsewhere: (options.elsewhere ?? []).filter(({ traceId }) => !ids.has(traceId)),
    isPending:
      arrival !== undefined && arrival.now - arrival.last < (arrival.windowMs ?? arrivalWindowMs),
    options,
  }
}
