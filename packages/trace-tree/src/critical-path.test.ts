import { makeSpan } from '@pingtrace/otlp/test-support'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildTraceTree, criticalPath, type TimeRange, type TraceTree } from './index.ts'

type Times = [id: string, parent: string | undefined, start: number, end: number]

const treeOf = (...times: Times[]): TraceTree =>
  buildTraceTree(
    times.map(([spanId, parentSpanId, start, end]) =>
      makeSpan({ spanId, parentSpanId, start: BigInt(start), end: BigInt(end) }),
    ),
  )

/** As `id from-to`, in the order of time. */
const pathOf = (tree: TraceTree): string[] =>
  [...criticalPath(tree)]
    .flatMap(([id, ranges]) => ranges.map((range) => ({ id, ...range })))
    .sort((a, b) => Number(a.start - b.start))
    .map(({ id, start, end }) => `${id} ${start}-${end}`)

describe('criticalPath', () => {
  it.each<[string, Times[], string[]]>([
    ['a span that is alone', [['a', undefined, 1, 9]], ['a 1-9']],
    [
      'calls one after the other, with work between them',
      [
        ['a', undefined, 1, 20],
        ['b', 'a', 3, 8],
        ['c', 'a', 10, 15],
        ['d', 'c', 11, 12],
      ],
      ['a 1-3', 'b 3-8', 'a 8-10', 'c 10-11', 'd 11-12', 'c 12-15', 'a 15-20'],
    ],
    [
      'calls at once: the one that ends last',
      [
        ['a', undefined, 1, 20],
        ['b', 'a', 3, 8],
        ['c', 'a', 2, 15],
        ['d', 'a', 12, 14],
      ],
      ['a 1-2', 'c 2-15', 'a 15-20'],
    ],
    [
      'a child that outlives its parent, and one that began before it',
      [
        ['a', undefined, 5, 20],
        ['b', 'a', 15, 40],
        ['c', 'a', 1, 10],
        ['d', 'a', 25, 30],
      ],
      ['c 5-10', 'a 10-15', 'b 15-20'],
    ],
    [
      'several roots: the longest',
      [
        ['a', undefined, 1, 5],
        ['b', undefined, 2, 9],
        ['c', 'gone', 3, 4],
      ],
      ['b 2-9'],
    ],
    [
      'a parent that has not arrived',
      [
        ['a', 'gone', 1, 5],
        ['b', 'a', 2, 5],
      ],
      ['a 1-2', 'b 2-5'],
    ],
    ['no time at all', [['a', undefined, 3, 3]], []],
  ])('goes through %s', (_what, times, path) => {
    expect(pathOf(treeOf(...times))).toEqual(path)
  })

  it('leaves out a span whose times are odd', () => {
    expect(pathOf(treeOf(['a', undefined, 1, 9], ['b', 'a', 5, 3], ['c', 'a', 0, 4]))).toEqual([
      'a 1-9',
    ])
  })

  it('takes a chain of ten thousand', () => {
    const chain = Array.from(
      { length: 10_000 },
      (_, index): Times => [
        `${index}`,
        index === 0 ? undefined : `${index - 1}`,
        1 + index,
        30_000,
      ],
    )
    expect(pathOf(treeOf(...chain))).toHaveLength(10_000)
  })

  it('covers the longest root, once each moment, with times of its spans', () => {
    const ids = fc.constantFrom('0a', '0b', '0c', '0d', '0e', '0f')
    const anySpan = fc.record({
      spanId: ids,
      parentSpanId: fc.option(ids, { nil: undefined }),
      start: fc.bigInt({ min: 1n, max: 20n }),
      end: fc.bigInt({ min: 1n, max: 20n }),
    })
    fc.assert(
      fc.property(fc.array(anySpan, { maxLength: 15 }), (spans) => {
        const tree = buildTraceTree(spans.map(makeSpan))
        const path = criticalPath(tree)
        const parts: TimeRange[] = []
        for (const [id, ranges] of path) {
          const { span } = tree.nodes.get(id)!
          for (const range of ranges) {
            expect(range.start < range.end).toBe(true)
            expect(range.start >= span!.start && range.end <= span!.end).toBe(true)
            parts.push(range)
          }
        }
        parts.sort((a, b) => Number(a.start - b.start))
        for (const [index, part] of parts.entries()) {
          if (index > 0) expect(part.start).toBe(parts[index - 1]!.end)
        }
        const candidates = tree.roots
          .flatMap((root) => (root.span === undefined ? root.children : [root]))
          .flatMap(({ span, oddTimes }) => (oddTimes ? [] : [Number(span!.end - span!.start)]))
        const covered = parts.length === 0 ? 0 : Number(parts.at(-1)!.end - parts[0]!.start)
        expect(covered).toBe(Math.max(0, ...candidates))
      }),
    )
  })
})
