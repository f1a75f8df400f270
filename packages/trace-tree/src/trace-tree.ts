import type { Span } from '@pingtrace/otlp'
import { breakCycles } from './break-cycles.ts'
import { distinctSpans, spanContent } from './distinct-spans.ts'
import { type OddTimes, oddTimes, timeRange } from './time-range.ts'

/** A span in its place, or the place of a parent that has not arrived. */
export interface TraceNode {
  /** Unique in the tree: the span id; further versions of that id get `~2`, `~3` and so on. */
  id: string
  spanId: string
  /** Undefined for a placeholder: children name it as their parent, but it has not arrived. */
  span: Span | undefined
  /** Undefined for a root. */
  parent: TraceNode | undefined
  /** By start, then by id. */
  children: TraceNode[]
  /** 0 for a root. */
  depth: number
  /** Another span with this id says something else. */
  conflicting: boolean
  /** It descends from itself; the loop was cut here, and it is drawn as a root. */
  cyclic: boolean
  /** Undefined for a span whose times are as they should be. */
  oddTimes: OddTimes | undefined
  /** Nodes below this one, and how many of them are errors: what a collapsed row hides. */
  descendants: number
  errorsBelow: number
}

/** A trace as it can be drawn, whatever was sent. */
export interface TraceTree {
  /** Spans without a parent, placeholders, and cut loops; by start, then by id. */
  roots: TraceNode[]
  /** All of them by their ids, placeholders included. */
  nodes: ReadonlyMap<string, TraceNode>
  /**
   * Nanoseconds since the Unix epoch: earliest start and latest end; both 0 without spans. Times
   * that cannot be meant are left out (`timeRange`).
   */
  start: bigint
  end: bigint
  spanCount: number
  errorCount: number
  missingParents: number
  /** Span ids that came with more than one content. */
  conflicts: number
  cycles: number
  /** Spans whose times cannot be right. */
  oddTimes: number
  /** In the order in which the tree, read from the top, first mentions them. */
  services: string[]
}

/**
 * Builds the tree of one trace. The order of the spans does not matter, and none is ever lost:
 * orphans hang under a placeholder, loops are cut, and each version of a conflicting id is kept.
 * Where an id has several versions, children hang under the earliest.
 *
 * Nothing here recurses: a chain of ten thousand spans is input like any other.
 */
export function buildTraceTree(spans: Iterable<Span>): TraceTree {
  const nodes = makeNodes(spans)
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Map<TraceNode, TraceNode>()
  const placeholders: TraceNode[] = []
  for (const node of nodes) {
    const parentId = node.span?.parentSpanId
    if (parentId === undefined) continue
    // A version of an id that names that id as parent descends from itself, whichever version.
    let parent = parentId === node.spanId ? node : byId.get(parentId)
    if (parent === undefined) {
      parent = makeNode(parentId, parentId, undefined)
      byId.set(parentId, parent)
      placeholders.push(parent)
    }
    parents.set(node, parent)
  }
  const cut = breakCycles(nodes, parents)
  // The nodes are sorted, so each list of children comes out sorted.
  for (const node of nodes) {
    node.cyclic = cut.has(node)
    node.parent = parents.get(node)
    node.parent?.children.push(node)
  }
  const range = timeRange(nodes.map((node) => node.span!))
  for (const node of nodes) node.oddTimes = oddTimes(node.span!, range)
  const roots = [...placeholders, ...nodes.filter((node) => node.parent === undefined)].sort(
    byStart,
  )
  return {
    roots,
    nodes: byId,
    ...range,
    spanCount: nodes.length,
    errorCount: nodes.filter(isError).length,
    missingParents: placeholders.length,
    conflicts: nodes.filter((node) => node.conflicting && node.id === node.spanId).length,
    cycles: cut.size,
    oddTimes: nodes.filter((node) => node.oddTimes !== undefined).length,
    services: measure(roots),
  }
}

function makeNodes(spans: Iterable<Span>): TraceNode[] {
  const versionsOf = new Map<string, Span[]>()
  for (const span of distinctSpans(spans)) {
    const versions = versionsOf.get(span.spanId)
    if (versions) versions.push(span)
    else versionsOf.set(span.spanId, [span])
  }
  const nodes: TraceNode[] = []
  for (const [spanId, versions] of versionsOf) {
    const conflicting = versions.length > 1
    if (conflicting) versions.sort(byContent)
    for (const [index, span] of versions.entries()) {
      const id = index === 0 ? spanId : `${spanId}~${index + 1}`
      nodes.push({ ...makeNode(id, spanId, span), conflicting })
    }
  }
  return nodes.sort(byStart)
}

function makeNode(id: string, spanId: string, span: Span | undefined): TraceNode {
  return {
    id,
    spanId,
    span,
    parent: undefined,
    children: [],
    depth: 0,
    conflicting: false,
    cyclic: false,
    oddTimes: undefined,
    descendants: 0,
    errorsBelow: 0,
  }
}

function byContent(a: Span, b: Span): number {
  if (a.start !== b.start) return a.start < b.start ? -1 : 1
  return spanContent(a) < spanContent(b) ? -1 : 1
}

/** A placeholder counts as starting with its first child; it always has one. */
function byStart(a: TraceNode, b: TraceNode): number {
  const startOfA = (a.span ?? a.children[0]!.span!).start
  const startOfB = (b.span ?? b.children[0]!.span!).start
  if (startOfA !== startOfB) return startOfA < startOfB ? -1 : 1
  return a.id < b.id ? -1 : 1
}

function isError(node: TraceNode): boolean {
  return node.span?.status.code === 'error'
}

/** Fills in depths and what lies below each node; returns the services from the top down. */
function measure(roots: TraceNode[]): string[] {
  const services = new Set<string>()
  const order: TraceNode[] = []
  const stack = roots.toReversed()
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    order.push(node)
    if (node.span) services.add(node.span.service)
    for (const child of node.children) child.depth = node.depth + 1
    for (const child of node.children.toReversed()) stack.push(child)
  }
  // Read backwards, children come before their parents.
  for (const node of order.reverse()) {
    for (const child of node.children) {
      node.descendants += child.descendants + 1
      node.errorsBelow += child.errorsBelow + (isError(child) ? 1 : 0)
    }
  }
  return [...services]
}
