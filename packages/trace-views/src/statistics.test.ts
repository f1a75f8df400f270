import { makeSpan } from '@pingtrace/otlp/test-support'
import { buildTraceTree } from '@pingtrace/trace-tree'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anySpans } from './arbitrary-trace.test-support.ts'
import { durationOf, selfTimeOf } from './self-time.ts'
import { percentile, spanStatistics } from './statistics.ts'
import { walk } from './walk.ts'

describe('selfTimeOf', () => {
  const root = makeSpan({ spanId: 'a', start: 100n, end: 200n })
  const child = (spanId: string, start: bigint, end: bigint) =>
    makeSpan({ spanId, parentSpanId: 'a', start, end })
  const selfOfRoot = (...children: ReturnType<typeof child>[]) =>
    selfTimeOf(buildTraceTree([root, ...children]).roots[0]!)

  it('is what no child covers', () => {
    expect(selfOfRoot()).toBe(100n)
    expect(selfOfRoot(child('b', 110n, 120n), child('c', 150n, 160n))).toBe(80n)
  })

  it('counts children that run at once only once', () => {
    expect(selfOfRoot(child('b', 110n, 150n), child('c', 120n, 130n), child('d', 140n, 160n))).toBe(
      50n,
    )
  })

  it('leaves out what lies outside the span, and children without a time', () => {
    expect(selfOfRoot(child('b', 50n, 110n), child('c', 190n, 300n), child('d', 300n, 400n))).toBe(
      80n,
    )
    expect(selfOfRoot(child('b', 0n, 150n), child('c', 160n, 150n))).toBe(100n)
  })

  it('is never negative, and never more than the duration', () => {
    fc.assert(
      fc.property(anySpans, (spans) => {
        for (const node of walk(buildTraceTree(spans))) {
          expect(selfTimeOf(node)).toBeGreaterThanOrEqual(0n)
          expect(selfTimeOf(node)).toBeLessThanOrEqual(durationOf(node))
        }
      }),
    )
  })
})

describe('spanStatistics', () => {
  it('sums up by operation and by service, and names the slowest span', () => {
    const tree = buildTraceTree([
      makeSpan({ spanId: 'a', name: 'GET', start: 100n, end: 200n, service: 'web' }),
      ...[10n, 30n, 20n].map((length, i) =>
        makeSpan({
          spanId: `b${i}`,
          parentSpanId: 'a',
          name: 'find',
          start: 100n + BigInt(i) * 30n,
          end: 100n + BigInt(i) * 30n + length,
          status: { code: i === 1 ? 'error' : 'unset', message: '' },
        }),
      ),
      makeSpan({ spanId: 'c', parentSpanId: 'a', name: 'save', start: 195n, end: 199n }),
    ])
    const byOperation = spanStatistics(tree, 'operation')
    expect(byOperation.map(({ service, name, count }) => [service, name, count])).toEqual([
      ['api', 'find', 3],
      ['web', 'GET', 1],
      ['api', 'save', 1],
    ])
    expect(byOperation[0]).toMatchObject({
      errors: 1,
      total: 60n,
      self: 60n,
      p50: 20n,
      p95: 30n,
      max: 30n,
      slowest: { id: 'b1' },
    })
    const byService = spanStatistics(tree, 'service')
    expect(byService.map(({ service, name, count }) => [service, name, count])).toEqual([
      ['api', undefined, 4],
      ['web', undefined, 1],
    ])
  })

  it('counts each span once, whichever way they are grouped', () => {
    fc.assert(
      fc.property(anySpans, fc.constantFrom('service', 'operation'), (spans, by) => {
        const tree = buildTraceTree(spans)
        const rows = spanStatistics(tree, by)
        const sum = (key: 'count' | 'errors') => rows.reduce((total, row) => total + row[key], 0)
        expect(sum('count')).toBe(tree.spanCount)
        expect(sum('errors')).toBe(tree.errorCount)
        for (const { p50, p95, max, total, self } of rows) {
          expect(p50 <= p95 && p95 <= max && max <= total && self <= total).toBe(true)
        }
      }),
    )
  })
})

it('takes percentiles by the nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => BigInt(i + 1))
  expect([50, 95, 99, 100].map((percent) => percentile(hundred, percent))).toEqual([
    50n,
    95n,
    99n,
    100n,
  ])
  expect(percentile([7n], 95)).toBe(7n)
})
