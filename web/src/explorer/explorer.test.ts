import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { pretendToBeAPage, startServer, type TestServer } from '../page.test-support.ts'
import { FakeBrowser } from '../viewer/fake-browser.test-support.ts'
import { createExplorer, type Explorer } from './explorer.ts'
import { idsOf, summary } from './summary.test-support.ts'

const idOf = (n: number) => `${n}`.padStart(32, '0')

let send: (...ids: number[]) => void
let found: number[]
let server: TestServer
let browser: FakeBrowser
let explorer: Explorer
let stop: () => void

beforeEach(async () => {
  pretendToBeAPage()
  found = []
  let arrived = 0
  const opened = new Promise<void>((resolve) => {
    void startServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url!, 'http://collector')
      const traces = found.map((n) => summary(idOf(n), n))
      if (pathname !== '/live/v1/stream') {
        const body = { traces, services: [], examined: 9 }
        response.end(JSON.stringify(pathname === '/live/v1/traces' ? { traces: [] } : body))
        return
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      // That of the trace which is shown.
      if (searchParams.has('traceId')) return
      send = (...ids) => {
        const changed = ids.map((n) => summary(idOf(n), ++arrived))
        response.write(`event: traces\ndata: ${JSON.stringify({ traces: changed })}\n\n`)
      }
      resolve()
    }).then((started) => {
      server = started
      browser = new FakeBrowser('http://localhost:16686/')
      explorer = createExplorer(server.url, browser, (done) => done())
      stop = explorer.start()
    })
  })
  await opened
})
afterEach(async () => {
  stop()
  await server.close()
})

const drawn = () => idsOf(explorer.list.getState().traces).map(Number)
const untilDrawn = (...ids: number[]) =>
  vi.waitUntil(() => drawn().join() === ids.join(), { timeout: 5_000 })

it('lists what arrives, then what a query finds, and what arrived again after that', async () => {
  send(1)
  await untilDrawn(1)
  send(2)
  await untilDrawn(2, 1)
  found = [1]
  explorer.asked.ask('{ status = error }')
  // What was there stays until there is an answer.
  expect(drawn()).toEqual([2, 1])
  await untilDrawn(1)
  found = [3, 1]
  send(3)
  await untilDrawn(3, 1)
  explorer.asked.ask('')
  await untilDrawn(3, 2, 1)
  browser.back()
  await untilDrawn(3, 1)
})

it('draws nothing that the query did not find, though it came a moment before', async () => {
  send(1)
  await untilDrawn(1)
  // Is to be drawn after a pause, when the answer to the query is there already.
  send(2)
  await vi.waitUntil(() => explorer.viewer.recent.getState().traces.length === 2)
  found = [1]
  explorer.asked.ask('{ status = error }')
  await vi.waitUntil(() => explorer.search.getState().result !== undefined)
  const seen = new Set<number>()
  explorer.list.subscribe(() => {
    for (const n of drawn()) seen.add(n)
  })
  found = [3, 1]
  send(3)
  await untilDrawn(3, 1)
  expect([...seen]).toEqual([3, 1])
})

it('does not search while it is paused, but counts, and searches when it goes on', async () => {
  found = [1]
  explorer.asked.ask('{}')
  await untilDrawn(1)
  explorer.list.pause(true)
  found = [2, 1]
  send(2)
  await vi.waitUntil(() => explorer.list.getState().waiting === 1)
  expect(drawn()).toEqual([1])
  explorer.list.pause(false)
  await untilDrawn(2, 1)
})

it('opens each new trace, until somebody asks a question', async () => {
  send(1)
  await vi.waitUntil(() => explorer.viewer.selection.getState().traceId === idOf(1))
  explorer.asked.ask('{}')
  expect(explorer.viewer.selection.getState().following).toBe(false)
})

it('lists nothing for a query that is wrong, and says so', async () => {
  send(1)
  await untilDrawn(1)
  explorer.asked.ask('{ oops')
  await untilDrawn()
  expect(explorer.search.getState().problem?.isQuery).toBe(true)
})

it('can be started again', async () => {
  found = [1]
  explorer.asked.ask('{}')
  await untilDrawn(1)
  stop()
  stop = explorer.start()
  found = [2]
  await vi.waitUntil(() => explorer.search.getState().result?.traces[0]?.traceId === idOf(2), {
    timeout: 5_000,
  })
})
