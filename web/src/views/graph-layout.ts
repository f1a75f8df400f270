import { Graph, layout } from '@dagrejs/dagre'
import type { CallPath } from '@pingtrace/trace-views'

/** Pixels; as in GraphView.css. */
export const nodeSize = { width: 210, height: 62 }

/** Paths drawn at once: the layout of more takes seconds, and nobody could read it. */
export const maxNodes = 150

export interface GraphNode {
  path: CallPath
  /** Pixels from the left and the top to the node's corner. */
  left: number
  top: number
}

export interface TraceGraph {
  nodes: GraphNode[]
  /** From a path to one that it calls, as the `d` of an SVG path. */
  edges: { from: CallPath; to: CallPath; line: string }[]
  width: number
  height: number
  /** Paths that are left out: those in which least time was spent. */
  hidden: number
}

/**
 * Places call paths from the left to the right, what is called beside its caller.
 * @param paths parents before their children
 */
export function layOutGraph(paths: readonly CallPath[]): TraceGraph {
  const drawn = heaviest(paths)
  const graph = new Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: 14, ranksep: 46, marginx: 12, marginy: 12 })
  graph.setDefaultEdgeLabel(() => ({}))
  // Last first: it puts those that it is told of later further up.
  for (const { id } of drawn.toReversed()) graph.setNode(id, { ...nodeSize })
  const called = drawn.flatMap((to) => (to.parent === undefined ? [] : { from: to.parent, to }))
  for (const { from, to } of called.toReversed()) graph.setEdge(from.id, to.id)
  layout(graph)
  const { width = 0, height = 0 } = graph.graph()
  return {
    nodes: drawn.map((path) => {
      const { x, y } = graph.node(path.id)
      return { path, left: x! - nodeSize.width / 2, top: y! - nodeSize.height / 2 }
    }),
    edges: called.map(({ from, to }) => {
      const points: { x: number; y: number }[] = graph.edge(from.id, to.id).points ?? []
      const line = points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join(' ')
      return { from, to, line }
    }),
    width,
    height,
    hidden: paths.length - drawn.length,
  }
}

/** No path weighs more than the one that leads to it, so that none is drawn without its caller. */
function heaviest(paths: readonly CallPath[]): CallPath[] {
  if (paths.length <= maxNodes) return [...paths]
  const byWeight = paths.toSorted((a, b) =>
    a.weight < b.weight ? 1 : a.weight > b.weight ? -1 : 0,
  )
  const chosen = new Set(byWeight.slice(0, maxNodes))
  return paths.filter((path) => chosen.has(path))
}
