import fc from 'fast-check'
import { expect, it } from 'vitest'
import { edgeKey, layoutMap, nodeSize, pathThrough } from './map-layout.ts'

const ids = ['a', 'b', 'c', 'd', 'e', 'f']
const id = fc.constantFrom(...ids)
const calls = fc.uniqueArray(fc.record({ from: id, to: id }), { selector: edgeKey, maxLength: 12 })
const nodes = ids.map((each) => ({ id: each }))

it('gives every node a place of its own, whoever calls whom, in circles too', () => {
  fc.assert(
    fc.property(calls, (edges) => {
      const map = layoutMap(nodes, edges)
      const places = [...map.nodes.values()]
      for (const [i, a] of places.entries()) {
        expect(a.x).toBeGreaterThanOrEqual(nodeSize.width / 2)
        expect(a.x).toBeLessThanOrEqual(map.width)
        expect(a.y).toBeLessThanOrEqual(map.height)
        for (const b of places.slice(i + 1)) {
          const apart = [
            Math.abs(a.x - b.x) - nodeSize.width,
            Math.abs(a.y - b.y) - nodeSize.height,
          ]
          expect(Math.max(...apart)).toBeGreaterThan(0)
        }
      }
      for (const edge of edges) {
        expect(map.edges.get(edgeKey(edge))!.points.length).toBeGreaterThan(1)
      }
      // Whatever order they come in.
      expect(layoutMap(nodes.toReversed(), edges.toReversed()).edges).toEqual(map.edges)
    }),
    { numRuns: 40 },
  )
})

it('draws nothing of nothing', () => {
  expect(layoutMap([], [])).toMatchObject({ width: 0, height: 0 })
  expect(pathThrough([])).toBe('')
})
