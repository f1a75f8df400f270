import { expect, test } from 'vitest'
import { ExportLedger } from './export-ledger.ts'

const span = (traceId: string, spanId: string, traceFlags = 1) => ({
  spanContext: () => ({ traceId, spanId, traceFlags }),
})

function started(...spans: ReturnType<typeof span>[]): ExportLedger {
  const ledger = new ExportLedger()
  for (const each of spans) ledger.onStart(each)
  return ledger
}

test('a span is open from its start until its fate is known', () => {
  const [a1, a2, b1] = [span('a', '1'), span('a', '2'), span('b', '1')]
  const ledger = started(a1, a2, b1)
  expect(ledger.report()).toEqual({
    traces: {
      a: { exported: [], dropped: 0, open: 2 },
      b: { exported: [], dropped: 0, open: 1 },
    },
  })
  ledger.onEnd()
  ledger.settle([a2, b1], 'exported')
  ledger.settle([a1], 'dropped')
  expect(ledger.report()).toEqual({
    traces: {
      a: { exported: ['2'], dropped: 1, open: 0 },
      b: { exported: ['1'], dropped: 0, open: 0 },
    },
  })
})

test('tells the same to everybody who asks, of the traces that are asked about', () => {
  const ledger = started(span('a', '1'), span('b', '1'))
  const report = { traces: { b: { exported: [], dropped: 0, open: 1 } } }
  expect(ledger.report(['b', 'unknown'])).toEqual(report)
  expect(ledger.report(['b', 'unknown'])).toEqual(report)
})

test('what it told stays as it was', () => {
  const one = span('a', '1')
  const ledger = started(one)
  const { traces } = ledger.report()
  ledger.settle([one], 'exported')
  expect(traces).toEqual({ a: { exported: [], dropped: 0, open: 1 } })
})

test('a span that is not sampled is not waited for', () => {
  expect(started(span('a', '1', 0)).report()).toEqual({ traces: {} })
})

test('forgets the oldest traces, whole, and not the newest', () => {
  const spans = Array.from({ length: 10_005 }, (_, i) => span(`trace ${i}`, '1'))
  const ledger = started(...spans)
  ledger.settle(spans, 'exported')
  const { traces } = ledger.report()
  expect(Object.keys(traces)).toHaveLength(10_000)
  expect(traces).not.toHaveProperty('trace 4')
  expect(traces).toHaveProperty('trace 5')
  expect(traces).toHaveProperty('trace 10004')
})
