import type { ServiceEdge, ServiceNode } from '@pingtrace/otlp'
import { equals, narrowTraces } from '../explorer/narrow-query.ts'

/** The question for the traces that a node has a part in. */
export function nodeQuery(query: string, node: ServiceNode): string {
  return narrowTraces(query, `{ ${conditionOf(node)} }`)
}

/** The question for the traces with a call of one node by another. */
export function edgeQuery(query: string, from: ServiceNode, to: ServiceNode): string {
  const caller = equals('resource.service.name', from.name)
  // Who sends no spans is known by those of the caller.
  if (to.kind !== 'service') return narrowTraces(query, `{ ${caller} && ${conditionOf(to)} }`)
  return narrowTraces(query, `{ ${caller} } > { ${conditionOf(to)} }`)
}

function conditionOf({ name, attributes }: ServiceNode): string {
  if (attributes === undefined) return equals('resource.service.name', name)
  return Object.entries(attributes)
    .map(([key, value]) => equals(`span.${key}`, value))
    .join(' && ')
}

/** Calls with both their ends, those of the busiest in front. */
export function callsOf(
  nodes: readonly ServiceNode[],
  edges: readonly ServiceEdge[],
): { edge: ServiceEdge; from: ServiceNode; to: ServiceNode }[] {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  return edges
    .flatMap((edge) => {
      const [from, to] = [byId.get(edge.from), byId.get(edge.to)]
      return from === undefined || to === undefined ? [] : [{ edge, from, to }]
    })
    .sort((a, b) => b.edge.count - a.edge.count)
}
