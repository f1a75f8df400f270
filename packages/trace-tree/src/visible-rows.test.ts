import { makeSpan } from '@pingtrace/otlp/test-support'
import { describe, expect, it } from 'vitest'
import { buildTraceTree, turn, unfolded, visibleRows } from './index.ts'

describe('visibleRows', () => {
  const tree = buildTraceTree([
    makeSpan({ spanId: 'a', start: 1n }),
    makeSpan({ spanId: 'b', parentSpanId: 'a', start: 2n }),
    makeSpan({ spanId: 'c', parentSpanId: 'b', start: 3n }),
    makeSpan({ spanId: 'd', parentSpanId: 'a', start: 4n }),
    makeSpan({ spanId: 'e', parentSpanId: 'missing', start: 5n }),
  ])

  it('lists every node from the top, with its place among its siblings', () => {
    const rows = visibleRows(tree, unfolded)
    expect(rows.map((row) => row.node.id)).toEqual(['a', 'b', 'c', 'd', 'missing', 'e'])
    expect(rows[0]).toMatchObject({ position: 1, siblings: 2, expanded: true })
    expect(rows[3]).toMatchObject({ position: 2, siblings: 2, expanded: undefined })
  })

  it('leaves out what lies below a collapsed node', () => {
    const rows = visibleRows(
      tree,
      turn(turn(turn(unfolded, 'b'), 'missing'), 'an id that is not there'),
    )
    expect(rows.map((row) => row.node.id)).toEqual(['a', 'b', 'd', 'missing'])
    expect(rows[1]).toMatchObject({ expanded: false })
  })

  it('takes a chain of ten thousand', () => {
    const chain = Array.from({ length: 10_000 }, (_, index) =>
      makeSpan({ spanId: `${index}`, parentSpanId: index === 0 ? undefined : `${index - 1}` }),
    )
    expect(visibleRows(buildTraceTree(chain), unfolded)).toHaveLength(10_000)
  })
})
