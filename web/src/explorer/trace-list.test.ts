import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { idsOf, summary } from './summary.test-support.ts'
import { createTraceList, maxCounted, type TraceListStore } from './trace-list.ts'

let list: TraceListStore
const drawn = () => idsOf(list.getState().traces).join('')
const waiting = () => list.getState().waiting

beforeEach(() => {
  list = createTraceList()
  list.update([summary('b', 20), summary('a', 10)])
})

it('draws what comes', () => {
  expect(drawn()).toBe('ba')
  list.update([summary('c', 30), summary('b', 20)])
  expect(drawn()).toBe('cb')
  expect(waiting()).toBe(0)
})

describe('held', () => {
  beforeEach(() => list.hold('rows', true))

  it('moves, adds and drops no row, but goes on to count spans', () => {
    list.update([summary('a', 40, { spanCount: 2 }), summary('c', 30)])
    expect(drawn()).toBe('ba')
    expect(list.getState().traces[1]?.spanCount).toBe(2)
    expect(waiting()).toBe(1)
  })

  it('stays so until nobody holds it any more', () => {
    list.hold('plot', true)
    list.hold('rows', false)
    list.update([summary('c', 30)])
    expect(drawn()).toBe('ba')
    list.hold('plot', false)
    expect(drawn()).toBe('c')
  })

  it('counts each new trace once, and those that are listed no more as well', () => {
    list.update([summary('c', 30)])
    list.update([summary('d', 50), summary('c', 40)])
    list.came(['e', 'd'])
    expect(waiting()).toBe(3)
  })

  it('draws what waits when it is let go, or when somebody asks', () => {
    list.update([summary('c', 30), summary('b', 20), summary('a', 10)])
    list.showWaiting()
    expect(drawn()).toBe('cba')
    expect(waiting()).toBe(0)
    list.update([summary('d', 40), summary('c', 30)])
    expect(drawn()).toBe('cba')
    list.hold('rows', false)
    expect(drawn()).toBe('dc')
  })

  it('sorts what is drawn, and lets nothing in by that', () => {
    list.update([summary('c', 30), summary('b', 20, { spanCount: 9 }), summary('a', 10)])
    list.sortBy({ key: 'spans', descending: false })
    expect(drawn()).toBe('ab')
    list.hold('rows', false)
    expect(drawn()).toBe('cab')
  })

  it('draws the answer to another question', () => {
    list.replace([summary('x', 1)])
    expect(drawn()).toBe('x')
    expect(waiting()).toBe(0)
  })
})

describe('paused', () => {
  beforeEach(() => list.pause(true))

  it('does not change at all, and counts', () => {
    const before = list.getState().traces
    list.update([summary('c', 40), summary('b', 30, { spanCount: 2 }), summary('a', 10)])
    list.came(['d'])
    list.hold('rows', true)
    list.hold('rows', false)
    expect(list.getState().traces).toBe(before)
    expect(waiting()).toBe(2)
  })

  it('shows the newest when it goes on', () => {
    list.update([summary('c', 40)])
    list.pause(false)
    expect(drawn()).toBe('c')
    expect(waiting()).toBe(0)
  })

  it('counts no further than its bound', () => {
    list.came(Array.from({ length: maxCounted + 5 }, (_, index) => `${index}`))
    expect(waiting()).toBe(maxCounted)
  })
})

it('counts nothing while it is free', () => {
  list.came(['x'])
  expect(waiting()).toBe(0)
})

it('whatever happens while it is held, the same rows are drawn, and the last word when let go', () => {
  const trace = fc.record({ id: fc.constantFrom(...'abcdef'), at: fc.nat(100), spans: fc.nat(9) })
  const updates = fc.array(fc.uniqueArray(trace, { selector: ({ id }) => id }))
  fc.assert(
    fc.property(updates, (all) => {
      const held = createTraceList()
      held.update([summary('b', 20), summary('a', 10)])
      held.hold('rows', true)
      const seen = new Set<string>()
      for (const each of all) {
        held.update(each.map(({ id, at, spans }) => summary(id, at, { spanCount: spans })))
        for (const { id } of each) if (id !== 'a' && id !== 'b') seen.add(id)
        expect(idsOf(held.getState().traces)).toEqual(['b', 'a'])
        expect(held.getState().waiting).toBe(seen.size)
      }
      held.hold('rows', false)
      if (seen.size > 0) {
        expect(idsOf(held.getState().traces).sort()).toEqual(
          all
            .at(-1)!
            .map(({ id }) => id)
            .sort(),
        )
      }
    }),
  )
})
