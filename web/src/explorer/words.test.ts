import type { SearchResult } from '@pingtrace/otlp'
import { expect, it } from 'vitest'
import { maxArrivals } from './arrivals-store.ts'
import { exampleQueries } from './example-queries.ts'
import { cutAt, findProblem } from './problem.ts'
import type { SearchState } from './search-store.ts'
import { maxCounted } from './trace-list.ts'
import { emptyText, listText, waitingText } from './words.ts'

const idle: SearchState<SearchResult> = {
  asked: undefined,
  searching: false,
  result: undefined,
  problem: undefined,
}
const asked = { ...idle, asked: { query: '{}', range: undefined } }

it('counts what is listed, and says when that is not all', () => {
  expect(listText(1, idle)).toBe('1 trace')
  expect(listText(maxArrivals, idle)).toBe('the newest 500 traces')
  const result = { traces: [], examined: 7 }
  expect(listText(2, { ...asked, result })).toBe('2 traces found among 7')
  expect(listText(2, { ...asked, result: { ...result, partial: 'time' } })).toMatch(/may be more/)
  expect(listText(2, { ...asked, searching: true })).toBe('Searching…')
})

it('says how many wait', () => {
  expect([0, 3, maxCounted].map(waitingText)).toEqual(['Up to date', '3 new', '10000 or more new'])
})

it('says why nothing is listed', () => {
  expect(emptyText(idle, { state: 'live' })).toMatch(/^No traces yet/)
  expect(emptyText(idle, { state: 'hung' })).toBe('Not known: the collector does not answer.')
  expect(emptyText(asked, { state: 'live' })).toMatch(/^No stored trace matches/)
})

it('has examples that are right, whatever a service is called', () => {
  for (const { query } of exampleQueries('a "b" \\ c', 'collector'))
    expect(findProblem(query)).toBeUndefined()
  expect(exampleQueries(undefined, 'collector')).toHaveLength(
    exampleQueries('shop', 'collector').length - 1,
  )
})

it('finds where a query is wrong', () => {
  const query = '{ status = eror }'
  const { place } = findProblem(query)!
  expect(cutAt(query, place!)).toEqual(['{ status = ', 'eror', ' }'])
})
