import { setTimeout as delay } from 'node:timers/promises'
import type { Span } from '@pingtrace/otlp'
import { startAnotherPage } from './another-page.ts'
import { expect, test } from './fixtures.ts'
import { PingPage } from './ping-page.ts'
import { pingShape } from './stored-traces.ts'
import { serve } from './test-server.ts'

const unknown = 'resource_timing.unknown'

/** Nanoseconds from the start of the span. */
function offsets({ start, events }: Span): Record<string, number> {
  return Object.fromEntries(events.map(({ name, time }) => [name, Number(time - start)]))
}

test('the client span of a ping tells where the time went', async ({ page, stored }) => {
  const ping = new PingPage(page)
  await ping.open()
  const spans = await stored.waitFor(await ping.ping(), pingShape)
  const client = spans.find(({ name }) => name === 'client operation')!

  expect(client.events.map(({ name }) => name)).toEqual([
    'fetchStart',
    'domainLookupStart',
    'domainLookupEnd',
    'connectStart',
    'connectEnd',
    'requestStart',
    'responseStart',
    'responseEnd',
  ])
  const times = client.events.map(({ time }) => time)
  expect([client.start, ...times, client.end]).toEqual(
    [client.start, ...times, client.end].toSorted((a, b) => Number(a - b)),
  )
  expect(client.attributes['network.protocol.version']).toBe('1.1')
  expect(client.attributes).not.toHaveProperty(unknown)
})

test('the wait for a preflight is a gap before the request', async ({ page, stack, stored }) => {
  const preflightMs = 200
  let preflights = 0
  const api = await serve(async (request, response) => {
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('access-control-allow-headers', 'traceparent')
    response.setHeader('access-control-max-age', '7200')
    response.setHeader('timing-allow-origin', '*')
    if (request.method === 'OPTIONS') {
      preflights++
      await delay(preflightMs)
    }
    response.end()
  })
  const other = await startAnotherPage(stack, { PINGTRACE_API_URL: `http://localhost:${api.port}` })
  try {
    await page.goto(other.url)
    const traceId = await new PingPage(page).ping()
    const [span] = await stored.waitFor(traceId, 'client operation [pingtrace-web client]')
    const { connectEnd = 0, requestStart = 0 } = offsets(span!)
    // A millisecond less, because the clocks of timers and pages are that coarse.
    expect(requestStart - connectEnd).toBeGreaterThan((preflightMs - 1) * 1e6)

    // The browser remembers the answer, as the API asks it to.
    const second = await new PingPage(page).ping()
    await stored.waitFor(second, 'client operation [pingtrace-web client]')
    expect(preflights).toBe(1)
  } finally {
    await other.stop()
    await api.close()
  }
})

test('what a server hides is shown as unknown, in words', async ({ page, stack, stored }) => {
  const api = await serve((_request, response) => {
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('access-control-allow-headers', 'traceparent')
    response.end()
  })
  const other = await startAnotherPage(stack, { PINGTRACE_API_URL: `http://localhost:${api.port}` })
  let traceId: string
  try {
    await page.goto(other.url)
    traceId = await new PingPage(page).ping()
  } finally {
    await other.stop()
    await api.close()
  }
  const [span] = await stored.waitFor(traceId, 'client operation [pingtrace-web client]')
  expect(span?.events.map(({ name }) => name)).toEqual(['fetchStart', 'responseEnd'])
  const words = 'hidden: no Timing-Allow-Origin from the server'
  expect(span?.attributes[unknown]).toBe(words)

  await page.goto(`/?trace=${traceId}`)
  await page.getByRole('treeitem', { name: /^client operation/ }).click()
  await expect(page.getByText(unknown, { exact: true })).toBeVisible()
  await expect(page.getByText(words, { exact: true })).toBeVisible()
})
