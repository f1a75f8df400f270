import type { Span } from '@pingtrace/otlp'
import { breakCycles } from './break-cycles.ts'
import { addVersion, type SpanVersions } from './distinct-spans.ts'
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
  const { byId, conflicts } = makeNodes(spans)
  const nodes = sortByStart([...byId.values()])
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
    node.parent = parent
  }
  // The nodes are sorted, so each list of children comes out sorted.
  for (const node of nodes) node.parent?.children.push(node)
  const cycles = cutCycles(nodes, placeholders)
  const roots = sortByStart([...placeholders, ...nodes.filter(isRoot)])
  const range = timeRange(nodes.map((node) => node.span!))
  for (const node of nodes) node.oddTimes = oddTimes(node.span!, range)
  return {
    roots,
    nodes: byId,
    ...range,
    spanCount: nodes.length,
    errorCount: nodes.filter(isError).length,
    missingParents: placeholders.length,
    conflicts,
    cycles,
    oddTimes: nodes.filter((node) => node.oddTimes !== undefined).length,
    services: measure(roots),
  }
}

/** A node for each distinct span, and how many ids came with more than one content. */
function makeNodes(spans: Iterable<Span>): { byId: Map<string, TraceNode>; conflicts: number } {
  const byId = new Map<string, TraceNode>()
  const versionsOf = new Map<string, SpanVersions>()
  for (const span of spans) {
    const id = span.spanId
    const known = byId.get(id)
    if (known === undefined) byId.set(id, makeNode(id, id, span))
    else addVersion(versionsOf, known.span!, span)
  }
  for (const [spanId, versions] of versionsOf) {
    for (const [index, span] of versions.sorted().entries()) {
      const id = index === 0 ? spanId : `${spanId}~${index + 1}`
      byId.set(id, { ...makeNode(id, spanId, span), conflicting: true })
    }
  }
  return { byId, conflicts: versionsOf.size }
}

/** Makes a root of one node of each loop, and returns how many loops there were: nearly always none. */
function cutCycles(nodes: readonly TraceNode[], placeholders: readonly TraceNode[]): number {
  const roots = [...placeholders, ...nodes.filter(isRoot)]
  const below = topDown(roots)
  if (below.length === placeholders.length + nodes.length) return 0
  // A node that no root leads to is in a loop, or below one.
  const reached = new Set(below)
  const lost = nodes.filter((node) => !reached.has(node))
  const cut = breakCycles(lost, new Map(lost.map((node) => [node, node.parent!])))
  for (const node of cut) {
    const siblings = node.parent!.children
    siblings.splice(siblings.indexOf(node), 1)
    node.parent = undefined
    node.cyclic = true
  }
  return cut.size
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

/**
 * By start, then by id; a placeholder counts as starting with its first child, and always has one.
 * Rough numbers are compared first: they decide nearly always, and in a tenth of the time.
 */
function sortByStart(nodes: readonly TraceNode[]): TraceNode[] {
  const startOf = (node: TraceNode): bigint => (node.span ?? node.children[0]!.span)!.start
  const rough = Float64Array.from(nodes, (node) => Number(startOf(node)))
  const order = Array.from(nodes.keys()).sort((a, b) => {
    if (rough[a] !== rough[b]) return rough[a]! - rough[b]!
    const [startOfA, startOfB] = [startOf(nodes[a]!), startOf(nodes[b]!)]
    if (startOfA !== startOfB) return startOfA < startOfB ? -1 : 1
    return nodes[a]!.id < nodes[b]!.id ? -1 : 1
  })
  return order.map((index) => nodes[index]!)
}

function isRoot(node: TraceNode): boolean {
  return node.parent === undefined
}

function isError(node: TraceNode): boolean {
  return node.span?.status.code === 'error'
}

/** These nodes and all below them, each before its children. */
function topDown(roots: readonly TraceNode[]): TraceNode[] {
  const order: TraceNode[] = []
  const stack = roots.toReversed()
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    order.push(node)
    for (let index = node.children.length - 1; index >= 0; index--) {
      stack.push(node.children[index]!)
    }
  }
  return order
}

/** Fills in depths and what lies below each node; returns the services from the top down. */
function measure(roots: readonly TraceNode[]): string[] {
  const services = new Set<string>()
  const order = topDown(roots)
  for (const node of order) {
    if (node.span) services.add(node.span.service)
    node.depth = node.parent === undefined ? 0 : node.parent.depth + 1
  }
  // Read backwards, children come before their parents.
  for (const node of order.reverse()) {
    const { parent } = node
    if (parent === undefined) continue
    parent.descendants += node.descendants + 1
    parent.errorsBelow += node.errorsBelow + (isError(node) ? 1 : 0)
  }
  return [...services]
}
