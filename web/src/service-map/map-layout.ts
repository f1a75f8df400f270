import { Graph, layout } from '@dagrejs/dagre'
import type { ServiceEdge, ServiceNode } from '@pingtrace/otlp'

/** Pixels. */
export const nodeSize = { width: 184, height: 66 }
const labelSize = { width: 142, height: 36 }

interface Point {
  x: number
  y: number
}

/** Where everything is, in pixels from the top left; of boxes it is the middle. */
export interface MapLayout {
  width: number
  height: number
  nodes: ReadonlyMap<string, Point>
  /** By `edgeKey`. */
  edges: ReadonlyMap<string, { points: Point[]; label: Point }>
}

export function edgeKey({ from, to }: Pick<ServiceEdge, 'from' | 'to'>): string {
  return JSON.stringify([from, to])
}

/**
 * Callers on the left of the called ones. It depends on who calls whom alone, so that a map whose figures
 * change stays as it is.
 */
export function layoutMap(
  nodes: readonly Pick<ServiceNode, 'id'>[],
  edges: readonly Pick<ServiceEdge, 'from' | 'to'>[],
): MapLayout {
  const graph = new Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: 24, ranksep: 22, marginx: 8, marginy: 8 })
  for (const id of nodes.map((node) => node.id).sort()) graph.setNode(id, { ...nodeSize })
  const inOrder = edges.map((edge) => ({ edge, key: edgeKey(edge) }))
  inOrder.sort((a, b) => (a.key < b.key ? -1 : 1))
  for (const { edge } of inOrder) graph.setEdge(edge.from, edge.to, { ...labelSize, labelpos: 'c' })
  layout(graph)
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number }
  return {
    width: finite(width),
    height: finite(height),
    nodes: new Map(nodes.map(({ id }) => [id, graph.node(id) as Point])),
    edges: new Map(
      inOrder.map(({ edge, key }) => {
        const { points, x, y } = graph.edge(edge.from, edge.to) as Point & { points: Point[] }
        return [key, { points, label: { x, y } }]
      }),
    ),
  }
}

/** An empty graph is as wide as nothing. */
function finite(pixels: number): number {
  return Number.isFinite(pixels) ? pixels : 0
}

/** An SVG path through the points, round at each of them. */
export function pathThrough(points: readonly Point[]): string {
  const [first, ...rest] = points
  if (first === undefined) return ''
  const last = rest.pop()
  const curves = rest.map((point, i) => {
    const next = rest[i + 1] ?? last ?? point
    return `Q${point.x},${point.y} ${(point.x + next.x) / 2},${(point.y + next.y) / 2}`
  })
  const end = last === undefined ? '' : `L${last.x},${last.y}`
  return `M${first.x},${first.y}${curves.join('')}${end}`
}
