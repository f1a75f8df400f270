import type { SearchResult } from '@pingtrace/otlp'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  type FakeCollector,
  type StreamRequest,
  startFakeCollector,
} from '../viewer/fake-collector.test-support.ts'
import { createSearch, type SearchState, type SearchStore } from './search-store.ts'
import { idsOf, summary } from './summary.test-support.ts'

let collector: FakeCollector
let search: SearchStore<SearchResult>

beforeEach(async () => {
  collector = await startFakeCollector()
  search = createSearch(`${collector.url}/live/v1/search?limit=500`, '{}')
})
afterEach(async () => {
  search.stop()
  await collector.leave()
})

function answer({ response }: StreamRequest, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const question = (query: string) => ({ query, range: undefined })

function found(...ids: string[]): unknown {
  return { traces: ids.map((id) => summary(id, 1)), examined: 9 }
}

const state = (test: (state: SearchState<SearchResult>) => boolean): Promise<void> =>
  vi.waitUntil(() => test(search.getState())).then(() => undefined)
const listed = () => idsOf(search.getState().result?.traces ?? []).join('')

it('asks the collector, and has what it found', async () => {
  search.ask(question('{ status = error }'))
  expect(search.getState()).toMatchObject({ searching: true, result: undefined })
  const request = await collector.nextRequest()
  expect(request.url.pathname).toBe('/live/v1/search')
  expect(request.url.searchParams.get('q')).toBe('{ status = error }')
  expect(request.url.searchParams.get('limit')).toBe('500')
  answer(request, found('a', 'b'))
  await state(({ searching }) => !searching)
  expect(listed()).toBe('ab')
})

it('does not send what it knows to be wrong', () => {
  search.ask(question('{ status = }'))
  expect(search.getState()).toMatchObject({
    searching: false,
    problem: { isQuery: true, place: { start: 11, column: 12 } },
  })
})

it('shows where the collector finds fault, and does not repeat that', async () => {
  search.ask(question('{ name =~ "(" }'))
  const error = { httpCode: 400, message: 'a group is open', start: 10, end: 13, column: 11 }
  answer(await collector.nextRequest(), { error }, 400)
  await state(({ problem }) => problem !== undefined)
  expect(search.getState().problem).toEqual({
    isQuery: true,
    message: 'a group is open',
    place: { start: 10, end: 13, column: 11 },
  })
  search.refresh()
  search.ask(question('{}'))
  expect((await collector.nextRequest()).url.searchParams.get('q')).toBe('{}')
})

it('drops the answer to a question that nobody asks any more', async () => {
  search.ask(question('{ name = "old" }'))
  const old = await collector.nextRequest()
  search.ask(question('{ name = "new" }'))
  await old.closed
  answer(await collector.nextRequest(), found('n'))
  await state(({ result }) => result !== undefined)
  expect(listed()).toBe('n')
})

it('asks nothing for nothing', async () => {
  search.ask(question('{}'))
  answer(await collector.nextRequest(), found('a'))
  await state(({ result }) => result !== undefined)
  search.ask(undefined)
  expect(search.getState()).toMatchObject({ asked: undefined, searching: false, result: undefined })
})

describe('refresh', () => {
  beforeEach(async () => {
    search.ask(question('{}'))
    answer(await collector.nextRequest(), found('a'))
    await state(({ result }) => result !== undefined)
  })

  it('searches once for all that came meanwhile, and keeps what there is until then', async () => {
    for (let each = 0; each < 20; each++) search.refresh()
    const request = await collector.nextRequest()
    expect(search.getState().searching).toBe(false)
    expect(listed()).toBe('a')
    // What comes while it goes on is found by one more.
    for (let each = 0; each < 20; each++) search.refresh()
    answer(request, found('a', 'b'))
    await vi.waitUntil(() => listed() === 'ab')
    answer(await collector.nextRequest(), found('a', 'b', 'c'))
    await vi.waitUntil(() => listed() === 'abc', { timeout: 5_000 })
  })

  it('keeps what was found while the collector is busy, and asks again by itself', async () => {
    search.refresh()
    const error = { httpCode: 503, message: 'too many searches at once' }
    answer(await collector.nextRequest(), { error }, 503)
    await state(({ problem }) => problem?.message === 'too many searches at once')
    expect(listed()).toBe('a')
    answer(await collector.nextRequest(), found('b'))
    await vi.waitUntil(() => listed() === 'b', { timeout: 5_000 })
    expect(search.getState().problem).toBeUndefined()
  })

  it('keeps what was found while the collector is away', async () => {
    await collector.leave()
    search.refresh()
    await vi.waitUntil(() => search.getState().problem !== undefined, { timeout: 5_000 })
    expect(search.getState().problem).toMatchObject({ isQuery: false, place: undefined })
    expect(listed()).toBe('a')
  })
})

it('asks for everything in a time that moves on, and for what is new when asked the same again', async () => {
  search.ask({ query: '', range: { last: '15m' } })
  const first = await collector.nextRequest()
  const { searchParams } = first.url
  expect(searchParams.get('q')).toBe('{}')
  expect(searchParams.has('end')).toBe(false)
  const ago = Date.now() - Date.parse(searchParams.get('start')!)
  expect(Math.round(ago / 60_000)).toBe(15)
  answer(first, found('a'))
  await state(({ searching }) => !searching)
  search.ask({ query: '', range: { last: '15m' } })
  answer(await collector.nextRequest(), found('b', 'a'))
  await vi.waitUntil(() => listed() === 'ba')
})
