import { buildTraceTree, type TraceRow, turn, unfolded, visibleRows } from '@pingtrace/trace-tree'
import { describe, expect, it } from 'vitest'
import { makeSpan } from './span.test-support.ts'
import { treeAction } from './tree-keys.ts'

describe('treeAction', () => {
  const tree = buildTraceTree([
    makeSpan({ spanId: 'a', startTimeUnixNano: 1 }),
    makeSpan({ spanId: 'b', parentSpanId: 'a', startTimeUnixNano: 2 }),
    makeSpan({ spanId: 'c', parentSpanId: 'b', startTimeUnixNano: 3 }),
    makeSpan({ spanId: 'd', parentSpanId: 'a', startTimeUnixNano: 4 }),
  ])
  const open = visibleRows(tree, unfolded)
  const collapsed = visibleRows(tree, turn(unfolded, 'b'))
  const press = (rows: TraceRow[], id: string, key: string) =>
    treeAction(
      rows,
      rows.findIndex(({ node }) => node.id === id),
      key,
    )

  it.each([
    ['ArrowDown', 'a', { do: 'focus', id: 'b' }],
    ['ArrowDown', 'd', { do: 'focus', id: 'd' }],
    ['ArrowUp', 'd', { do: 'focus', id: 'c' }],
    ['ArrowUp', 'a', { do: 'focus', id: 'a' }],
    ['Home', 'c', { do: 'focus', id: 'a' }],
    ['End', 'a', { do: 'focus', id: 'd' }],
    ['ArrowRight', 'b', { do: 'focus', id: 'c' }],
    ['ArrowRight', 'c', { do: 'focus', id: 'c' }],
    ['ArrowLeft', 'b', { do: 'toggle', id: 'b' }],
    ['ArrowLeft', 'c', { do: 'focus', id: 'b' }],
    ['Enter', 'c', { do: 'open', id: 'c' }],
    [' ', 'c', { do: 'open', id: 'c' }],
    ['Escape', 'c', { do: 'close' }],
    ['z', 'c', { do: 'zoom', id: 'c' }],
    ['Z', 'c', { do: 'unzoom' }],
    ['x', 'c', undefined],
    ['ArrowDown', 'not there', undefined],
  ])('%s on %s', (key, focused, action) => {
    expect(press(open, focused, key)).toEqual(action)
  })

  it('expands with the right arrow, and goes to the parent with the left, when collapsed', () => {
    expect(press(collapsed, 'b', 'ArrowRight')).toEqual({ do: 'toggle', id: 'b' })
    expect(press(collapsed, 'b', 'ArrowLeft')).toEqual({ do: 'focus', id: 'a' })
    expect(press(collapsed, 'b', 'ArrowDown')).toEqual({ do: 'focus', id: 'd' })
  })
})
