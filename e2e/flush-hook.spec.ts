import type { Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'
import { PingPage } from './ping-page.ts'
import { pingShape, shapeOf } from './stored-traces.ts'

test.use({ stackEnv: { PINGTRACE_FLUSH_HOOK: '1' } })

interface FlushReport {
  traces: Record<string, { exported: number; dropped: number }>
}

function flushPage(page: Page): Promise<FlushReport> {
  return page.evaluate(() => {
    const { pingtrace } = globalThis as unknown as {
      pingtrace: { flush(): Promise<FlushReport> }
    }
    return pingtrace.flush()
  })
}

async function flushApi(port: number): Promise<FlushReport> {
  const response = await fetch(`http://localhost:${port}/pingtrace/flush`, { method: 'POST' })
  return (await response.json()) as FlushReport
}

test('after both flushes a trace is whole, without waiting', async ({ page, stack, stored }) => {
  const ping = new PingPage(page)
  await ping.open()
  const traceId = await ping.ping()

  expect(await flushPage(page)).toEqual({ traces: { [traceId]: { exported: 1, dropped: 0 } } })
  expect(await flushApi(stack.ports.api)).toEqual({
    traces: { [traceId]: { exported: 5, dropped: 0 } },
  })
  expect(shapeOf(await stored.spans(traceId))).toBe(pingShape)

  // Each span is told once.
  expect(await flushPage(page)).toEqual({ traces: {} })
  expect(await flushApi(stack.ports.api)).toEqual({ traces: {} })
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
    expect(await flushApi(stack.ports.api)).toEqual({ traces: {} })
    expect(await flushPage(page)).toEqual({ traces: { [traceId]: { exported: 0, dropped: 1 } } })
  } finally {
    await stack.collector.start()
  }
  await expect
    .poll(() => flushApi(stack.ports.api))
    .toEqual({ traces: { [traceId]: { exported: 5, dropped: 0 } } })
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
  const flushed = flushPage(page)
  await stack.collector.start()
  expect(await flushed).toEqual({ traces: { [traceId]: { exported: 1, dropped: 0 } } })
})
