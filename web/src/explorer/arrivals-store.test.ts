import { afterEach, beforeEach, expect, it } from 'vitest'
import { pretendToBeAPage } from '../page.test-support.ts'
import {
  type FakeCollector,
  type StreamRequest,
  startFakeCollector,
} from '../viewer/fake-collector.test-support.ts'
import type { RecentStore } from '../viewer/recent-store.ts'
import { createArrivals, maxArrivals } from './arrivals-store.ts'
import { idsOf, summary } from './summary.test-support.ts'

let collector: FakeCollector
let store: RecentStore
let stop: () => void
let stream: StreamRequest

beforeEach(async () => {
  pretendToBeAPage()
  collector = await startFakeCollector()
  store = createArrivals(collector.url)
  stop = store.follow()
  stream = await collector.nextRequest()
  stream.open()
})
afterEach(async () => {
  stop()
  await collector.leave()
})

/** The ids that are listed once `act` has made a difference. */
async function listedAfter(act: () => unknown): Promise<string[]> {
  const changed = new Promise<void>((resolve) => {
    const leave = store.subscribe((now, before) => {
      if (now.traces === before.traces) return
      leave()
      resolve()
    })
  })
  await act()
  await changed
  return idsOf(store.getState().traces)
}

async function answerWith(traces: unknown): Promise<void> {
  const request = await collector.nextRequest()
  expect(request.url.href).toBe(`http://collector/live/v1/traces?limit=${maxArrivals}`)
  request.response.setHeader('content-type', 'application/json').end(JSON.stringify({ traces }))
}

it('lists what the stream begins with together with what was stored before', async () => {
  stream.send('traces', { traces: [summary('c', 30, { spanCount: 2 })] })
  const listed = await listedAfter(() =>
    answerWith([summary('c', 30), summary('b', 20), summary('a', 10)]),
  )
  expect(listed).toEqual(['c', 'b', 'a'])
  // The stream's word on a trace is the newer one.
  expect(store.getState()).toMatchObject({ answered: true, traces: [{ spanCount: 2 }, {}, {}] })
  expect(await listedAfter(() => stream.send('traces', { traces: [summary('d', 40)] }))).toEqual([
    'd',
    'c',
    'b',
    'a',
  ])
})

it('shows what the stream sends when the rest cannot be had', async () => {
  stream.send('traces', { traces: [summary('a', 10)] })
  const listed = await listedAfter(async () => {
    const request = await collector.nextRequest()
    request.response.writeHead(500).end()
  })
  expect(listed).toEqual(['a'])
})

it('keeps five hundred at most, the newest', async () => {
  stream.send('traces', { traces: [] })
  await listedAfter(() => answerWith([]))
  const many = Array.from({ length: maxArrivals + 9 }, (_, at) => summary(`${at}`, at)).reverse()
  const listed = await listedAfter(() => stream.send('traces', { traces: many }))
  expect(listed).toHaveLength(maxArrivals)
  expect(listed[0]).toBe(`${maxArrivals + 8}`)
})

it('asks anew after a reset', async () => {
  stream.send('traces', { traces: [summary('a', 10)] })
  await listedAfter(() => answerWith([summary('a', 10)]))
  stream.send('reset', {})
  stream.send('traces', { traces: [summary('c', 30)] })
  expect(await listedAfter(() => answerWith([summary('c', 30), summary('b', 20)]))).toEqual([
    'c',
    'b',
  ])
})
