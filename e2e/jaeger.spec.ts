import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from './collector-alone.ts'

const traceId = '0000000000000000000000000000000a'
const began = BigInt(Date.now()) * 1_000_000n

function spanOf(spanId: string, name: string, more = {}) {
  const times = { startTimeUnixNano: `${began}`, endTimeUnixNano: `${began + 5_000_000n}` }
  return { traceId, spanId, name, kind: 2, ...times, status: {}, ...more }
}

const root = spanOf('0000000000000001', 'place order')
const late = spanOf('0000000000000002', 'charge card', {
  parentSpanId: root.spanId,
  status: { code: 2, message: 'card declined' },
})
let spans = [root]
/** The questions for summaries. */
const asked: URLSearchParams[] = []

/** Answers as Jaeger 2.20 does; the collector's own tests ask a real one. */
const jaeger = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const answer = (body: object, status = 200) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  if (pathname === '/api/v3/services') return answer({ services: ['shop'] })
  if (pathname === '/api/v3/operations') return answer({ operations: [] })
  if (pathname === '/api/v3/trace-summaries') {
    asked.push(searchParams)
    const summary = {
      traceId,
      rootServiceName: 'shop',
      rootOperationName: root.name,
      minStartTimeUnixNano: root.startTimeUnixNano,
      maxEndTimeUnixNano: root.endTimeUnixNano,
      spanCount: spans.length,
      services: [{ name: 'shop', spanCount: spans.length }],
    }
    return answer({ summaries: [summary] })
  }
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] }
  if (pathname === `/api/v3/traces/${traceId}`) {
    return answer({ result: { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] } })
  }
  return answer({ error: { httpCode: 404, message: 'No traces found' } }, 404)
})

test.use({
  // Playwright insists on a pattern, and wants a name that it knows.
  collectorEnv: async ({ browserName: _ }, use) => {
    await new Promise<void>((resolve) => jaeger.listen(0, '127.0.0.1', resolve))
    const { port } = jaeger.address() as AddressInfo
    await use({ PINGTRACE_JAEGER_URL: `http://127.0.0.1:${port}` })
    jaeger.closeAllConnections()
    jaeger.close()
  },
})

test('shows the traces of a Jaeger, which is polled, and says what it cannot do', async ({
  page,
}) => {
  const unanswerable: string[] = []
  page.on('response', (response) => {
    if (response.status() === 501) unanswerable.push(response.url())
  })
  await page.goto('/')
  await page.getByRole('link', { name: 'Jaeger', exact: true }).click()
  await expect(page.getByRole('banner').getByRole('status')).toHaveText(
    'Polling Jaeger every few seconds',
  )
  await expect(page.getByRole('complementary')).toContainText('These are the traces of Jaeger at')

  await expect(page.getByRole('treeitem', { name: /^place order, shop/ })).toBeVisible()
  spans = [root, late]
  await expect(page.getByRole('treeitem', { name: /^charge card, shop.*error/ })).toBeVisible()

  const query = page.getByRole('combobox', { name: 'Query' })
  await query.fill('{ resource.service.name = "shop" && duration >= 2ms }')
  await query.press('Enter')
  await expect
    .poll(() => Object.fromEntries(asked.at(-1) ?? []))
    .toMatchObject({ 'query.serviceName': 'shop', 'query.durationMin': '2000000ns' })
  await query.fill('{} >> {}')
  await query.press('Enter')
  await expect(page.getByText(/Jaeger cannot be asked for structure/)).toBeVisible()

  // What is offered can be asked of it.
  for (const name of ['Errors', 'A span over 500 ms', 'A server that fails', 'Service shop']) {
    await page.getByRole('button', { name, exact: true }).click()
    await expect(page.getByRole('region', { name: 'Traces' })).toContainText('1 trace found')
  }
  const views = page.getByRole('navigation', { name: 'Views' })
  await expect(views.getByRole('link')).toHaveText(['Traces'])
  await expect(page.getByRole('button', { name: 'Replay arrival' })).toHaveCount(0)
  await page.getByRole('treeitem', { name: /^charge card/ }).click()
  await expect(page.getByRole('heading', { name: '0 links' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Find spans that link here' })).toHaveCount(0)
  await page.locator('body').press('3')
  await expect(page.getByText('Jaeger cannot be asked for this.')).toBeVisible()
  expect(unanswerable).toEqual([])
  await expect(page).toHaveURL(/source=jaeger/)
  await page.getByRole('link', { name: 'This collector' }).click()
  await expect(page.getByRole('banner').getByRole('status')).toHaveText(
    'Live: connected to the collector',
  )
})

test('says who is away when it is the Jaeger, and goes on when that is back', async ({ page }) => {
  const { port } = jaeger.address() as AddressInfo
  jaeger.closeAllConnections()
  jaeger.close()
  await page.goto('/?source=jaeger')
  await expect(page.getByRole('banner').getByRole('status')).toContainText(
    'No traces from Jaeger (Jaeger does not answer',
  )
  const list = page.getByRole('region', { name: 'Traces' })
  await expect(list).toContainText('Not known: Jaeger does not answer')
  await new Promise<void>((resolve) => jaeger.listen(port, '127.0.0.1', resolve))
  await expect(list.getByRole('link', { name: 'place order' })).toBeVisible()
})
