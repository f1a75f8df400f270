import { expect, test } from 'vitest'
import { ExportCounts } from './export-counts.ts'

const span = (traceId: string) => ({
  spanContext: () => ({ traceId, spanId: 'b7ad6b7169203331', traceFlags: 1 }),
})

test('counts for each trace what was exported and what was dropped', () => {
  const counts = new ExportCounts()
  counts.add([span('a'), span('b'), span('a')], 'exported')
  counts.add([span('b')], 'dropped')
  expect(counts.take()).toEqual({
    traces: { a: { exported: 2, dropped: 0 }, b: { exported: 1, dropped: 1 } },
  })
})

test('starts anew with every answer', () => {
  const counts = new ExportCounts()
  counts.add([span('a')], 'exported')
  counts.take()
  expect(counts.take()).toEqual({ traces: {} })
  counts.add([span('a')], 'dropped')
  expect(counts.take()).toEqual({ traces: { a: { exported: 0, dropped: 1 } } })
})

test('if nobody asks, it forgets the oldest traces, and not the newest', () => {
  const counts = new ExportCounts()
  for (let i = 0; i < 10_005; i++) counts.add([span(`trace ${i}`)], 'exported')
  const { traces } = counts.take()
  expect(Object.keys(traces)).toHaveLength(10_000)
  expect(traces).not.toHaveProperty('trace 4')
  expect(traces).toHaveProperty('trace 5')
  expect(traces).toHaveProperty('trace 10004')
})
