import type { FlushReport } from '@pingtrace/trace-oracle'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'
import { PingPage } from './ping-page.ts'
import { pingShape, shapeOf } from './stored-traces.ts'

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

test('after both flushes a trace is whole, without waiting', async ({ page, stack, stored }) => {
  const ping = new PingPage(page)
  await ping.open()
  const traceId = await ping.ping()

  expect(await flushPage(page, traceId)).toEqual(exported(traceId, 1))
  expect(await flushApi(stack.ports.api, traceId)).toEqual(exported(traceId, 5))
  expect(shapeOf(await stored.spans(traceId))).toBe(pingShape)
})

test('the collector away: the API tells later, and the page tells what it gave up', async ({
  page,
  stack,
  stored,
}) => {
  const ping = new PingPage(page)
  await ping.open()
  await stack.collector.stop()
  let traceId: string
  try {
    traceId = await ping.ping()
    // The API holds on to its spans, so their fate is not known; the page's exporter gives up.
    expect(await flushApi(stack.ports.api, traceId)).toEqual({
      traces: { [traceId]: { exported: [], dropped: 0, open: 5 } },
    })
    expect(await flushPage(page, traceId)).toEqual({
      traces: { [traceId]: { exported: [], dropped: 1, open: 0 } },
    })
  } finally {
    await stack.collector.start()
  }
  await expect.poll(() => flushApi(stack.ports.api, traceId)).toEqual(exported(traceId, 5))
  expect(await stored.spans(traceId)).toHaveLength(5)
})

test('what waited for the collector and reached it is exported, not dropped', async ({
  page,
  stack,
}) => {
  const ping = new PingPage(page)
  await ping.open()
  await stack.collector.stop()
  const refused = page.waitForEvent('requestfailed', (request) => request.method() === 'POST')
  const traceId = await ping.ping()
  await refused
  const flushed = flushPage(page, traceId)
  await stack.collector.start()
  expect(await flushed).toEqual(exported(traceId, 1))
})
