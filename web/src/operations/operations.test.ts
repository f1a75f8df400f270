import type { OperationStats, OperationsResult } from '@pingtrace/otlp'
import { compileQuery } from '@pingtrace/traceql'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { operationQuery } from './operation-query.ts'
import {
  operationSortKeys,
  parseOperationSort,
  printOperationSort,
  slowestFirst,
  sortOperations,
  titleOf,
  toggleOperationSort,
} from './operation-sort.ts'
import { sparkline } from './sparkline.ts'
import { emptyText, operationsText, percentText, stepsText } from './words.ts'

const nanos = fc.integer({ min: 0, max: 1e12 })
const operation: fc.Arbitrary<OperationStats> = fc.record({
  name: fc.constantFrom('a', 'b', 'say "hi"'),
  service: fc.constantFrom('web', 'api'),
  kind: fc.constantFrom('server' as const, 'client' as const),
  count: fc.integer({ min: 1, max: 99 }),
  errorCount: fc.integer({ min: 0, max: 1 }),
  p50Nano: nanos,
  p95Nano: nanos,
  p99Nano: nanos,
  steps: fc.constant([]),
})
const operations = fc.uniqueArray(operation, { selector: titleOf })

it('sorts alike whatever order they come in, and back and forth', () => {
  const sort = fc.record({ key: fc.constantFrom(...operationSortKeys), descending: fc.boolean() })
  fc.assert(
    fc.property(operations, sort, (all, by) => {
      const sorted = sortOperations(all, by)
      expect(sortOperations(all.toReversed(), by)).toEqual(sorted)
      expect(new Set(sorted)).toEqual(new Set(all))
      expect(parseOperationSort(printOperationSort(by))).toEqual(by)
    }),
  )
  expect(toggleOperationSort(slowestFirst, 'p95')).toEqual({ key: 'p95', descending: false })
  expect(toggleOperationSort(slowestFirst, 'name')).toEqual({ key: 'name', descending: false })
  expect(parseOperationSort('-constructor')).toEqual(slowestFirst)
})

it('leads to a query that can be asked, whatever a name is', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (name, service) => {
      const query = operationQuery('{ status = error }', { name, service, kind: 'server' })
      expect(() => compileQuery(query)).not.toThrow()
    }),
  )
})

const minute = 60_000
const time = { from: 0, to: 10 * minute, stepMs: minute }
const step = (at: number, count: number, p95Nano: number, errorCount = 0) => ({
  at: at * minute,
  count,
  errorCount,
  p95Nano,
})

it('draws each step where it was, and no line where nothing was', () => {
  const steps = [step(1, 2, 50), step(2, 4, 100, 1), step(5, 1, 25)]
  expect(sparkline(steps, time)).toEqual({
    width: 10,
    bars: [
      { left: 1, height: 0.5, failed: 0 },
      { left: 2, height: 1, failed: 0.25 },
      { left: 5, height: 0.25, failed: 0 },
    ],
    lines: [
      [
        [1, 0.5],
        [2, 1],
      ],
      [[5, 0.25]],
    ],
  })
})

it('says in words what is drawn, counted and missing', () => {
  expect(stepsText([step(1, 2, 5e6), step(2, 4, 1e7)], time)).toMatch(
    /: p95 5\.00 ms to 10\.0 ms, at most 4 spans in 1 min 0 s$/,
  )
  expect(stepsText([], time)).toBe('no spans in the time shown')
  const stats = { count: 3_000, errorCount: 1 } as OperationStats
  expect(percentText(stats)).toBe('< 0.1 %')
  expect(percentText({ ...stats, count: 3 })).toBe('33 %')
  const idle = { searching: false, problem: undefined, asked: undefined, result: undefined }
  const result = { operations: [], spanCount: 9, ungroupedSpans: 2, time } as OperationsResult
  expect(operationsText({ ...idle, result: { ...result, partial: 'time' } })).toMatch(
    /^0 operations, 9 spans; 2 of them of other operations, and there may be more/,
  )
  expect(emptyText(idle, { state: 'live' }, 'The operations')).toMatch(/^No traces yet/)
})
