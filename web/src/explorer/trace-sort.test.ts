import { describe, expect, it } from 'vitest'
import { idsOf, summary } from './summary.test-support.ts'
import {
  newestFirst,
  parseSort,
  printSort,
  sortKeys,
  sortTraces,
  toggleSort,
} from './trace-sort.ts'

const a = summary('a', 30, { durationNano: '9', startTimeUnixNano: '18446744073709551615' })
const b = summary('b', 20, { durationNano: '10', spanCount: 7 })
const c = summary('c', 10, { durationNano: '9', errorCount: 2 })

describe('sortTraces', () => {
  it.each([
    ['-arrival', 'abc'],
    ['arrival', 'cba'],
    ['-duration', 'bac'],
    ['duration', 'acb'],
    ['-start', 'abc'],
    ['-spans', 'bac'],
    ['-errors', 'cab'],
  ])('by %s gives %s: 64-bit numbers as numbers, equal ones in their order', (sort, ids) => {
    expect(idsOf(sortTraces([a, b, c], parseSort(sort))).join('')).toBe(ids)
  })
})

it('reads from an address what it writes into one', () => {
  for (const key of sortKeys) {
    for (const descending of [true, false]) {
      expect(parseSort(printSort({ key, descending }))).toEqual({ key, descending })
    }
  }
})

it.each([null, '', 'name', '--start', '-', '-start;drop', 'constructor'])(
  'takes %s for no sort',
  (text) => {
    expect(parseSort(text)).toEqual(newestFirst)
  },
)

it('begins a column with the most, and turns it round then', () => {
  const longest = toggleSort(newestFirst, 'duration')
  expect(longest).toEqual({ key: 'duration', descending: true })
  expect(toggleSort(longest, 'duration')).toEqual({ key: 'duration', descending: false })
})
