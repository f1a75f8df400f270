import type { TraceNode, TraceTree } from '@pingtrace/trace-tree'
import { hash } from './hash.ts'
import { durationOf, selfTimeOf } from './self-time.ts'

/**
 * The spans that were called in the same way: of one service and name, under the same names up to a
 * root. A loop that calls an operation a hundred times is one path. Times are nanoseconds.
 */
export interface CallPath {
  /** The same for the same path, whatever else arrives: of the names from the root down. */
  id: string
  /** Undefined for a root. */
  parent: CallPath | undefined
  service: string
  name: string
  /** What stands for parents that have not arrived; service and name are empty then. */
  missing: boolean
  /** In the order in which they are drawn. */
  nodes: TraceNode[]
  /** Spans: 0 for missing parents. */
  count: number
  errors: number
  /** Durations added up; those of parallel spans each count in full. */
  total: bigint
  /** The parts of them in which no child was under way, added up. */
  self: bigint
  /** The self time of this path and of all below it: what its children's can never exceed. */
  weight: bigint
  /** The spans of this path and of all below it. */
  spans: number
  /** 0 for a root. */
  depth: number
  /** In the order in which the trace first took them. */
  children: CallPath[]
}

/** Merges the spans of a tree by call path. Deep trees are input like any other: nothing recurses. */
export function callPaths({ roots }: Pick<TraceTree, 'roots'>): CallPath[] {
  const top = group(roots, undefined)
  // Grows while it is walked, so that parents come before their children.
  const all = [...top]
  for (const path of all) {
    for (const node of path.nodes) add(path, node)
    path.children = group(
      path.nodes.flatMap(({ children }) => children),
      path,
    )
    for (const child of path.children) all.push(child)
  }
  for (const path of all.reverse()) {
    path.weight = path.children.reduce((sum, { weight }) => sum + weight, path.self)
    path.spans = path.children.reduce((sum, { spans }) => sum + spans, path.count)
  }
  return top
}

/** Every path, parents before their children. */
export function allPaths(roots: readonly CallPath[]): CallPath[] {
  const all = [...roots]
  for (const path of all) for (const child of path.children) all.push(child)
  return all
}

function group(nodes: readonly TraceNode[], parent: CallPath | undefined): CallPath[] {
  const paths = new Map<string, CallPath>()
  for (const node of nodes) {
    const key = pathKey(node)
    let path = paths.get(key)
    if (path === undefined) {
      path = makePath(node, parent)
      paths.set(key, path)
    }
    path.nodes.push(node)
  }
  return [...paths.values()]
}

/** The same for spans of one service and name, and for missing parents. */
export function pathKey({ span }: TraceNode): string {
  return span === undefined ? '' : JSON.stringify([span.service, span.name])
}

function makePath(node: TraceNode, parent: CallPath | undefined): CallPath {
  const { span } = node
  return {
    id: hash((parent?.id ?? '') + pathKey(node)),
    parent,
    service: span?.service ?? '',
    name: span?.name ?? '',
    missing: span === undefined,
    nodes: [],
    count: 0,
    errors: 0,
    total: 0n,
    self: 0n,
    weight: 0n,
    spans: 0,
    depth: parent === undefined ? 0 : parent.depth + 1,
    children: [],
  }
}

function add(path: CallPath, node: TraceNode): void {
  if (node.span === undefined) return
  path.count++
  path.total += durationOf(node)
  path.self += selfTimeOf(node)
  if (node.span.status.code === 'error') path.errors++
}
