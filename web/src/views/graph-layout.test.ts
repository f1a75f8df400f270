import { buildTraceTree } from '@pingtrace/trace-tree'
import { allPaths, callPaths } from '@pingtrace/trace-views'
import { expect, it } from 'vitest'
import { makeSpan } from '../viewer/span.test-support.ts'
import { layOutGraph, maxNodes, nodeSize } from './graph-layout.ts'

const pathsOf = (spans: Parameters<typeof makeSpan>[0][]) =>
  allPaths(callPaths(buildTraceTree(spans.map((span) => makeSpan(span)))))

it('puts what is called to the right of its caller, and no two in one place', () => {
  const paths = pathsOf([
    { spanId: 'a', name: 'a' },
    { spanId: 'b', name: 'b', parentSpanId: 'a' },
    { spanId: 'c', name: 'c', parentSpanId: 'a' },
    { spanId: 'd', name: 'd', parentSpanId: 'c' },
    { spanId: 'e', name: 'e' },
  ])
  const { nodes, edges, width, height, hidden } = layOutGraph(paths)
  expect({ nodes: nodes.length, edges: edges.length, hidden }).toEqual({
    nodes: 5,
    edges: 3,
    hidden: 0,
  })
  const placeOf = new Map(nodes.map((node) => [node.path, node]))
  for (const { from, to, line } of edges) {
    expect(placeOf.get(to)!.left).toBeGreaterThanOrEqual(placeOf.get(from)!.left + nodeSize.width)
    expect(line).toMatch(/^M[\d.]+ [\d.]+( L[\d.]+ [\d.]+)+$/)
  }
  for (const one of nodes) {
    expect(one.left).toBeGreaterThanOrEqual(0)
    expect(one.left + nodeSize.width).toBeLessThanOrEqual(width)
    expect(one.top + nodeSize.height).toBeLessThanOrEqual(height)
    for (const other of nodes) {
      if (one === other) continue
      const apart =
        Math.abs(one.left - other.left) >= nodeSize.width ||
        Math.abs(one.top - other.top) >= nodeSize.height
      expect(apart).toBe(true)
    }
  }
})

it('leaves out those in which least time was spent, and never a caller of what it draws', () => {
  const many = Array.from({ length: 400 }, (_, i) => ({
    spanId: `${i}`,
    name: `job ${i}`,
    parentSpanId: i === 0 ? '' : `${Math.floor((i - 1) / 3)}`,
    startTimeUnixNano: 1,
    endTimeUnixNano: 1 + ((i * 7919) % 400),
  }))
  const { nodes, hidden } = layOutGraph(pathsOf(many))
  const drawn = new Set(nodes.map(({ path }) => path))
  expect({ drawn: drawn.size, hidden }).toEqual({ drawn: maxNodes, hidden: 400 - maxNodes })
  for (const { parent } of drawn) expect(parent === undefined || drawn.has(parent)).toBe(true)
})
