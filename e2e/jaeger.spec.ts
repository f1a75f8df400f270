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

  await page.getByRole('link', { name: 'Operations' }).click()
  await expect(page.getByText(/Not known: Jaeger cannot group/)).toBeVisible()
  await page.getByRole('link', { name: 'Requests' }).click()
  await expect(page.getByText(/Jaeger does not tell which requests it got/)).toBeVisible()
  await expect(page).toHaveURL(/source=jaeger/)
  await page.getByRole('link', { name: 'This collector' }).click()
  await expect(page.getByRole('banner').getByRole('status')).toHaveText(
    'Live: connected to the collector',
  )
})
