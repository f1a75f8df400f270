import { expect, it } from 'vitest'
import { slowestFirst } from '../operations/operation-sort.ts'
import { FakeBrowser } from '../viewer/fake-browser.test-support.ts'
import { createAsked, listHref } from './asked-store.ts'
import { newestFirst } from './trace-sort.ts'

const nothing = {
  view: 'list',
  query: '',
  range: undefined,
  sort: newestFirst,
  by: slowestFirst,
} as const
const longest = { key: 'duration', descending: true } as const

it('writes what is asked into the address, and leaves the rest of it alone', () => {
  const browser = new FakeBrowser('http://localhost:16686/?trace=1#there')
  const asked = createAsked(browser)
  asked.ask(' { status = error } ')
  asked.sortBy(longest)
  const { searchParams, hash } = new URL(browser.location.href)
  expect(Object.fromEntries(searchParams)).toEqual({
    trace: '1',
    q: '{ status = error }',
    sort: '-duration',
  })
  expect(hash).toBe('#there')
  expect(createAsked(browser).getState()).toEqual({
    ...nothing,
    query: '{ status = error }',
    sort: longest,
  })
  asked.ask('')
  asked.sortBy(newestFirst)
  expect(browser.location.href).toBe('http://localhost:16686/?trace=1#there')
})

it('goes back and forward by one question at a time', () => {
  const browser = new FakeBrowser('http://localhost:16686/')
  const asked = createAsked(browser)
  const stop = asked.followHistory()
  asked.ask('{ name = "a" }')
  asked.sortBy(longest)
  browser.back()
  expect(asked.getState()).toEqual({ ...nothing, query: '{ name = "a" }' })
  browser.back()
  expect(asked.getState()).toEqual(nothing)
  browser.forward()
  expect(asked.getState().query).toBe('{ name = "a" }')
  stop()
  browser.back()
  expect(asked.getState().query).toBe('{ name = "a" }')
})

it('makes no step for what is asked already', () => {
  const browser = new FakeBrowser('http://localhost:16686/')
  const asked = createAsked(browser)
  asked.ask('{}')
  asked.ask('{}')
  expect(browser.entries).toHaveLength(2)
})

it('has an address of the list without the trace that is open', () => {
  expect(
    listHref(`http://localhost:16686/?trace=${'a'.repeat(32)}&span=1&keep=1`, {
      ...nothing,
      query: '{}',
      sort: longest,
    }),
  ).toBe('http://localhost:16686/?keep=1&q=%7B%7D&sort=-duration')
})

it('has view, time and the sort of operations in the address, and takes nonsense for none', () => {
  const browser = new FakeBrowser('http://localhost:16686/')
  const asked = createAsked(browser)
  asked.change({
    view: 'operations',
    range: { last: '1h' },
    by: { key: 'count', descending: true },
  })
  expect(new URL(browser.location.href).search).toBe('?view=operations&last=1h&by=-count')
  expect(createAsked(browser).getState()).toEqual(asked.getState())
  const range = { from: Date.UTC(2026, 10, 26), to: undefined }
  asked.change({ view: 'map', range })
  expect(createAsked(browser).getState()).toEqual({ ...asked.getState(), range })
  browser.back()
  expect(createAsked(browser).getState()).toMatchObject({
    view: 'operations',
    range: { last: '1h' },
  })
  const odd = new FakeBrowser('http://localhost:16686/?view=x&last=x&from=x&to=&by=-x&sort=x')
  expect(createAsked(odd).getState()).toEqual(nothing)
})
