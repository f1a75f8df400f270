import type { SpanStatistics } from '@pingtrace/trace-views'
import { expect, it } from 'vitest'
import { nextSort, sortStatistics } from './sort-statistics.ts'

const row = (name: string, count: number, total: bigint) =>
  ({ name, service: 'api', count, total }) as SpanStatistics
const rows = [row('b', 2, 10n), row('a', 30, 9n), row('c', 2, 8n)]
const names = (sorted: SpanStatistics[]) => sorted.map(({ name }) => name).join('')

it('sorts by names and numbers, and leaves equal rows as they were', () => {
  expect(names(sortStatistics(rows, { column: 'name', descending: false }))).toBe('abc')
  expect(names(sortStatistics(rows, { column: 'total', descending: true }))).toBe('bac')
  expect(names(sortStatistics(rows, { column: 'count', descending: true }))).toBe('abc')
  expect(names(sortStatistics(rows, { column: 'count', descending: false }))).toBe('bca')
})

it('begins with the largest number and the first name, and turns round what is sorted already', () => {
  const byName = nextSort({ column: 'self', descending: true }, 'name')
  expect(byName).toEqual({ column: 'name', descending: false })
  expect(nextSort(byName, 'name').descending).toBe(true)
  expect(nextSort(byName, 'p95').descending).toBe(true)
})
