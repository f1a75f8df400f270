import { setTimeout as delay } from 'node:timers/promises'
import type { Span } from '@pingtrace/otlp'
import type { Trace } from '@pingtrace/trace-oracle'
import { startAnotherPage } from './another-page.ts'
import { expect, test } from './fixtures.ts'
import { PingPage } from './ping-page.ts'
import { call } from './spans.ts'
import { serve } from './test-server.ts'

const unknown = 'resource_timing.unknown'

/** Nanoseconds from the start of the span. */
function offsets({ start, events }: Span): Record<string, number> {
  return Object.fromEntries(events.map(({ name, time }) => [name, Number(time - start)]))
}

test('the client span of a ping tells where the time went', async ({ page, traces }) => {
  const app = new PingPage(page)
  await app.open()
  const trace = await traces.during('click on Ping', () => app.ping())
  const client = trace.find({ name: 'client operation' })

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

test('the wait for a preflight is a gap before the request', async ({ page, stack, traces }) => {
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
  const other = await startAnotherPage(stack, {
    PINGTRACE_API_URL: `http://localhost:${api.port}`,
    PINGTRACE_FLUSH_HOOK: '1',
  })
  try {
    await page.goto(other.url)
    const app = new PingPage(page)
    const trace = await traces.during('ping across origins', () => app.ping())
    expect(trace).toMatchSpans(call())
    const { connectEnd = 0, requestStart = 0 } = offsets(trace.spans[0]!)
    // A millisecond less, because the clocks of timers and pages are that coarse.
    expect(requestStart - connectEnd).toBeGreaterThan((preflightMs - 1) * 1e6)

    // The browser remembers the answer, as the API asks it to.
    await app.ping()
    expect(preflights).toBe(1)
  } finally {
    await other.stop()
    await api.close()
  }
})

test('what a server hides is shown as unknown, in words', async ({ page, stack, traces }) => {
  const api = await serve((_request, response) => {
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('access-control-allow-headers', 'traceparent')
    response.end()
  })
  const other = await startAnotherPage(stack, {
    PINGTRACE_API_URL: `http://localhost:${api.port}`,
    PINGTRACE_FLUSH_HOOK: '1',
  })
  let trace: Trace
  try {
    await page.goto(other.url)
    trace = await traces.during('ping a server that hides', () => new PingPage(page).ping())
  } finally {
    await other.stop()
    await api.close()
  }
  const words = 'hidden: no Timing-Allow-Origin from the server'
  expect(trace).toMatchSpans({ ...call(), attributes: { [unknown]: words } })
  expect(trace.spans[0]?.events.map(({ name }) => name)).toEqual(['fetchStart', 'responseEnd'])

  await page.goto(`/?trace=${trace.traceIds[0]}`)
  await page.getByRole('treeitem', { name: /^client operation/ }).click()
  await expect(page.getByText(unknown, { exact: true })).toBeVisible()
  await expect(page.getByText(words, { exact: true })).toBeVisible()
})
