import type { Arrival } from '@pingtrace/otlp'
import { buildTraceTree, type TraceTree } from '@pingtrace/trace-tree'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { makeSpan } from '../viewer/span.test-support.ts'
import { pauseBefore, replayTrace } from './replay-trace.ts'
import { laterText, stepText } from './replay-words.ts'

const ids = (tree: TraceTree): string[] =>
  [...tree.nodes.values()].flatMap(({ span, id }) => (span === undefined ? [] : id)).sort()
const arrival = (at: number, ...spanIds: string[]): Arrival => ({ at, spanIds })

const tree = buildTraceTree([
  makeSpan({ spanId: 'a', startTimeUnixNano: '100', endTimeUnixNano: '200' }),
  makeSpan({ spanId: 'b', parentSpanId: 'a', startTimeUnixNano: '120', endTimeUnixNano: '150' }),
  makeSpan({ spanId: 'c', parentSpanId: 'b', startTimeUnixNano: '130', endTimeUnixNano: '140' }),
])
const arrivals = [arrival(5, 'c'), arrival(9, 'a'), arrival(2_000, 'b')]

it('goes through a trace as its spans arrived, on the axis of the whole', () => {
  const steps = [0, 1, 2, 3].map((step) => replayTrace(tree, arrivals, step))
  expect(steps.map(ids)).toEqual([[], ['c'], ['a', 'c'], ['a', 'b', 'c']])
  expect(steps.map(({ missingParents }) => missingParents)).toEqual([0, 1, 1, 0])
  for (const { start, end } of steps) expect([start, end]).toEqual([100n, 200n])
})

it('ends with the whole trace, whatever came after the arrivals were asked for', () => {
  expect(replayTrace(tree, arrivals.slice(0, 2), 2)).toBe(tree)
  expect(ids(replayTrace(tree, arrivals.slice(0, 2), 1))).toEqual(['c'])
})

it('only grows, and ends with everything, for any arrivals of any trace', () => {
  const id = fc.constantFrom('0a', '0b', '0c', '0d')
  const anyTrace = fc.array(
    fc.record({ spanId: id, parentSpanId: id, name: fc.constantFrom('x', 'y') }),
    { maxLength: 8 },
  )
  const anyArrivals = fc.array(fc.array(id, { maxLength: 4 }), { maxLength: 6 })
  fc.assert(
    fc.property(anyTrace, anyArrivals, (spans, requests) => {
      const whole = buildTraceTree(spans.map((span) => makeSpan(span)))
      const came = requests.map((spanIds, at) => arrival(at, ...spanIds))
      let before = new Set<unknown>()
      for (let step = 0; step <= came.length; step++) {
        const { nodes } = replayTrace(whole, came, step)
        const now = new Set([...nodes.values()].flatMap(({ span }) => span ?? []))
        for (const span of before) expect(now.has(span as never)).toBe(true)
        before = now
      }
      expect(before.size).toBe(whole.spanCount)
    }),
  )
})

it('says where it is, and of what it cannot tell when it came', () => {
  expect(stepText(arrivals, 2, replayTrace(tree, arrivals, 2), tree)).toBe(
    'Request 2 of 3, 4.00 ms later: 2 of 3 spans',
  )
  expect([0, 1, 2].map(laterText)).toEqual([
    '',
    '; 1 span that came later is there at the end alone',
    '; 2 spans that came later are there at the end alone',
  ])
})

it('waits as the spans did, but never too long or too short to be seen', () => {
  expect([1, 2].map((step) => pauseBefore(arrivals, step, false))).toEqual([200, 1_000])
  expect(pauseBefore(arrivals, 1, true)).toBe(1_000)
  expect(pauseBefore([arrival(0, 'a'), arrival(500, 'b')], 1, false)).toBe(500)
})
