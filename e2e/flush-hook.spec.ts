import { readSpans } from '@pingtrace/otlp'
import type { FlushReport } from '@pingtrace/trace-oracle'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'
import { without } from './outage.ts'
import { PingPage } from './ping-page.ts'
import { ping } from './spans.ts'

function flushPage(page: Page, traceId: string): Promise<FlushReport> {
  return page.evaluate((id) => {
    const { pingtrace } = globalThis as unknown as {
      pingtrace: { flush(traceIds: string[]): Promise<FlushReport> }
    }
    return pingtrace.flush([id])
  }, traceId)
}

async function flushApi(port: number, traceId: string): Promise<FlushReport> {
  const url = `http://localhost:${port}/pingtrace/flush?traceId=${traceId}`
  return (await (await fetch(url, { method: 'POST' })).json()) as FlushReport
}

/** What is told of a trace when all is well. */
const exported = (traceId: string, count: number): FlushReport => ({
  traces: {
    [traceId]: { exported: Array(count).fill(expect.any(String)), dropped: 0, open: 0 },
  },
})

test('after both flushes a trace is whole, without waiting', async ({ page, stack, collector }) => {
  const app = new PingPage(page)
  await app.open()
  const traceId = await app.ping()

  expect(await flushPage(page, traceId)).toEqual(exported(traceId, 1))
  expect(await flushApi(stack.ports.api, traceId)).toEqual(exported(traceId, 5))
  expect(readSpans((await collector.read(traceId)) ?? {})).toHaveLength(6)
})

test('the collector away: the API tells later, and the page tells what it gave up', async ({
  page,
  stack,
  traces,
}) => {
  const app = new PingPage(page)
  await app.open()
  const trace = await traces.during('ping while the collector is away', async () => {
    await without([stack.collector], async () => {
      const traceId = await app.ping()
      // The API holds on to its spans, so their fate is not known; the page's exporter gives up.
      expect(await flushApi(stack.ports.api, traceId)).toEqual({
        traces: { [traceId]: { exported: [], dropped: 0, open: 5 } },
      })
      expect(await flushPage(page, traceId)).toEqual({
        traces: { [traceId]: { exported: [], dropped: 1, open: 0 } },
      })
    })
  })
  expect(trace.incomplete).toBe(`1 span that ${page.url()} has dropped`)
  expect(trace.spans).toHaveLength(5)
})

test('what waited for the collector and reached it is exported, not dropped', async ({
  page,
  stack,
  traces,
}) => {
  const app = new PingPage(page)
  await app.open()
  const trace = await traces.during('ping before the collector is back', async () => {
    await stack.collector.stop()
    const refused = page.waitForEvent('requestfailed', (request) => request.method() === 'POST')
    const traceId = await app.ping()
    await refused
    const flushed = flushPage(page, traceId)
    await stack.collector.start()
    expect(await flushed).toEqual(exported(traceId, 1))
  })
  expect(trace.verdict).toEqual({ kind: 'exact' })
  expect(trace).toMatchSpans(ping)
})
