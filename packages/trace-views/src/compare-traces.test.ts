import type { Span } from '@pingtrace/otlp'
import { makeSpan } from '@pingtrace/otlp/test-support'
import { buildTraceTree } from '@pingtrace/trace-tree'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anySpans } from './arbitrary-trace.test-support.ts'
import { type ComparedSpan, type Comparison, compareTraces } from './compare-traces.ts'
import { walk } from './walk.ts'

const ms = 1_000_000n

/** A span of a tree written by name and place: `[name, parent's index, from ms, to ms]`. */
type Sketch = [name: string, parent: number | undefined, from: number, to: number]

function spans(sketch: Sketch[], prefix = ''): Span[] {
  return sketch.map(([name, parent, from, to], index) =>
    makeSpan({
      spanId: `${prefix}${index}`,
      parentSpanId: parent === undefined ? undefined : `${prefix}${parent}`,
      name,
      start: 1n + BigInt(from) * ms,
      end: 1n + BigInt(to) * ms,
    }),
  )
}

const compare = (before: Span[], after: Span[]) =>
  compareTraces(buildTraceTree(before), buildTraceTree(after))

function flat(comparison: Comparison): ComparedSpan[] {
  const stack = comparison.roots.toReversed()
  const all: ComparedSpan[] = []
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    all.push(next)
    stack.push(...next.children.toReversed())
  }
  return all
}

const outline = (comparison: Comparison) =>
  flat(comparison).map(
    ({ depth, change, before, after }) =>
      `${'  '.repeat(depth)}${(after ?? before)!.span?.name} ${change}`,
  )

describe('compareTraces', () => {
  const order: Sketch[] = [
    ['order', undefined, 0, 100],
    ['look', 0, 0, 10],
    ['look', 0, 10, 20],
    ['charge', 0, 20, 60],
    ['bank', 3, 25, 55],
  ]

  it('finds nothing in a trace that is as it was, whatever its ids', () => {
    const { counts, roots } = compare(spans(order), spans(order, 'x'))
    expect(counts).toEqual({ same: 5, added: 0, removed: 0, slower: 0, faster: 0 })
    expect(roots[0]).toMatchObject({ difference: 0n, selfDifference: 0n, failure: undefined })
  })

  it('names what was added and removed, with all below it, in its place', () => {
    const now: Sketch[] = [
      ['order', undefined, 0, 100],
      ['look', 0, 0, 10],
      ['pay', 0, 20, 60],
      ['bank', 2, 25, 55],
      ['receipt', 0, 60, 70],
    ]
    expect(outline(compare(spans(order), spans(now, 'x')))).toEqual([
      'order same',
      '  look same',
      '  pay added',
      '    bank added',
      '  receipt added',
      '  look removed',
      '  charge removed',
      '    bank removed',
    ])
  })

  it('tells slower from noise by share and by size', () => {
    const before: Sketch[] = [
      ['order', undefined, 0, 100],
      ['long', 0, 0, 50],
      ['short', 0, 50, 51],
      ['longer', 0, 60, 80],
    ]
    const now: Sketch[] = [
      ['order', undefined, 0, 100],
      ['long', 0, 0, 59],
      ['short', 0, 60, 62],
      ['longer', 0, 70, 94],
    ]
    // 9 ms of 50 are less than a fifth, 1 of 1 is a millisecond, 4 of 20 are a fifth.
    const expected = ['order same', '  long same', '  short slower', '  longer slower']
    expect(outline(compare(spans(before), spans(now)))).toEqual(expected)
    expect(outline(compare(spans(now), spans(before)))[3]).toBe('  longer same')
  })

  it('says how much of a difference is a span’s own', () => {
    const slow = order.map(([name, parent, from, to]): Sketch => {
      const late = name === 'look' || from === 0 ? to : to + 70
      return [name, parent, from, name === 'order' ? to + 70 : late]
    })
    const [root, , , charge, bank] = flat(compare(spans(order), spans(slow)))
    expect([root, charge, bank].map((each) => [each!.change, each!.selfDifference])).toEqual([
      ['slower', 0n],
      ['slower', 0n],
      ['slower', 70n * ms],
    ])
  })

  it('says which of a pair failed', () => {
    const fine = spans(order)
    const failing = fine.map((span): Span => {
      return span.name === 'bank' ? { ...span, status: { code: 'error', message: '' } } : span
    })
    expect(compare(fine, failing)).toMatchObject({ newFailures: 1, goneFailures: 0 })
    expect(compare(failing, fine)).toMatchObject({ newFailures: 0, goneFailures: 1 })
    expect(compare(failing, failing)).toMatchObject({ newFailures: 0, goneFailures: 0 })
  })

  it('compares two operations all the same, root with root', () => {
    const other = spans([
      ['refund', undefined, 0, 100],
      ['look', 0, 0, 10],
    ])
    expect(outline(compare(spans(order), other)).slice(0, 2)).toEqual([
      'refund same',
      '  look same',
    ])
    expect(compare([], spans(order)).counts).toMatchObject({ added: 5, same: 0 })
  })

  it('holds every span of both traces once, and pairs only spans of one name below the roots', () => {
    fc.assert(
      fc.property(anySpans, anySpans, (some, others) => {
        const [before, after] = [buildTraceTree(some), buildTraceTree(others)]
        const comparison = compareTraces(before, after)
        const all = flat(comparison)
        expect(new Set(all.flatMap((each) => each.before ?? []))).toEqual(new Set(walk(before)))
        expect(new Set(all.flatMap((each) => each.after ?? []))).toEqual(new Set(walk(after)))
        expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
        const { same, added, removed, slower, faster } = comparison.counts
        expect(same + added + removed + slower + faster).toBe(all.length)
        for (const { depth, before: one, after: other } of all) {
          if (depth === 0 || one === undefined || other === undefined) continue
          expect(other.span?.name).toBe(one.span?.name)
          expect(other.span?.service).toBe(one.span?.service)
        }
      }),
    )
  })

  it('finds the same the other way round', () => {
    fc.assert(
      fc.property(anySpans, anySpans, (some, others) => {
        const there = compare(some, others)
        const back = compare(others, some)
        expect(back.counts.added).toBe(there.counts.removed)
        expect(back.counts.removed).toBe(there.counts.added)
        expect(back.newFailures).toBe(there.goneFailures)
      }),
    )
  })
})
