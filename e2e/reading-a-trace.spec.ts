import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node'
import type { Ports } from '@pingtrace/loopback'
import type { Page } from '@playwright/test'
import { expect, overHttp, sendTrace, test } from './collector-alone.ts'

const progress = (page: Page) => page.locator('.trace-progress')

/** An application whose spans are sent as they end. */
function application(service: string, ports: Ports) {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [new SimpleSpanProcessor(overHttp(ports))],
  })
  return { provider, tracer: provider.getTracer('checkout', '2.0') }
}

test('a parent is a ghost until it comes, and missing only when it has had its time', async ({
  page,
  ports,
}) => {
  const { provider, tracer } = application('shop', ports)
  const root = tracer.startSpan('place order')
  const below = trace.setSpan(context.active(), root)
  tracer.startSpan('charge card', {}, below).end()
  await provider.forceFlush()

  await page.clock.install()
  await page.goto(`/?trace=${root.spanContext().traceId}`)
  const ghost = page.getByRole('treeitem', { name: /^parent / })
  await expect(ghost).toHaveAccessibleName(/ has not arrived$/)
  await expect(progress(page)).toHaveText('Waiting for 1 parent…')
  await page.clock.fastForward(10_000)
  await expect(ghost).toHaveAccessibleName(/ is missing$/)
  await expect(progress(page)).toHaveText(/^Incomplete: 1 parent is missing/)

  root.end()
  await provider.shutdown()
  await expect(page.getByRole('treeitem')).toHaveText([/place order/, /charge card/])
  await expect(progress(page)).toHaveText(/^Complete as far as can be seen/)
})

test('errors are summed up, and n and p go from one to the next', async ({ page, ports }) => {
  const { provider, tracer } = application('shop', ports)
  const root = tracer.startSpan('place order', { kind: SpanKind.SERVER })
  const below = trace.setSpan(context.active(), root)
  tracer.startSpan('log in', {}, below).end()
  for (const name of ['charge card', 'send mail']) {
    const span = tracer.startSpan(name, {}, below)
    span.recordException(new Error(`${name} failed`))
    span.setStatus({ code: SpanStatusCode.ERROR, message: `${name} gave up` })
    span.end()
  }
  root.end()
  await provider.shutdown()

  await page.goto(`/?trace=${root.spanContext().traceId}`)
  await expect(page.locator('.error-first')).toHaveText(
    'First error: charge card (shop): charge card gave up',
  )
  await page.getByRole('treeitem', { name: /^place order/ }).focus()
  await page.keyboard.press('n')
  const first = page.getByRole('region', { name: 'charge card' })
  await expect(first).toBeFocused()
  await expect(first.getByRole('region', { name: 'Error' })).toContainText('charge card failed')
  const stack = first.locator('.stack')
  await expect(stack.locator('pre[data-kind="own"]')).toContainText('reading-a-trace.spec.ts')
  await expect(stack.getByText(/ of libraries and the runtime$/).first()).toBeVisible()
  await expect(stack.locator('details pre').first()).toBeHidden()
  await page.keyboard.press('n')
  await expect(page.getByRole('region', { name: 'send mail' })).toBeFocused()
  await page.keyboard.press('p')
  await expect(first).toBeFocused()
  // A letter that is typed is a letter.
  await first.getByRole('searchbox').fill('exception')
  await page.keyboard.press('n')
  await expect(first.getByRole('searchbox')).toHaveValue('exceptionn')
})

test('an attribute is explained, copied, found in other traces, and never more than text', async ({
  page,
  ports,
  complaints,
}) => {
  const hostile = '<img src=x onerror="document.title=1">\u202egpj.exe'
  const { provider, tracer } = application('shop', ports)
  const span = tracer.startSpan('pay \u202eon', {
    attributes: {
      'http.request.method': 'POST',
      'http.method': 'POST',
      'shop.note': hostile,
      'shop.blob': 'x'.repeat(100_000),
    },
  })
  span.end()
  await provider.shutdown()
  await sendTrace('stock', overHttp(ports))

  await page.goto(`/?trace=${span.spanContext().traceId}`)
  await page.getByRole('treeitem').click()
  const detail = page.locator('.detail')
  await expect(detail.getByRole('heading', { level: 3 })).toHaveText('pay U+202Eon')
  await expect(detail.getByText('Show all 100000 characters')).toBeVisible()
  await expect(detail.locator('img')).toHaveCount(0)
  await expect(detail).toContainText('onerror="document.title=1">U+202Egpj.exe')

  await detail.getByRole('searchbox').fill('METHOD')
  await expect(detail.getByRole('button', { name: 'shop.note' })).toHaveCount(0)
  await expect(detail).toContainText('deprecated')
  await detail.getByRole('button', { name: 'http.request.method' }).focus()
  await page.keyboard.press('Enter')
  await expect(detail).toContainText('stable HTTP request method.')
  await page.keyboard.press('Tab')
  await expect(
    detail.getByRole('button', { name: 'Copy the value of http.request.method' }),
  ).toBeFocused()

  await detail.getByRole('searchbox').fill('shop.note')
  await detail.getByRole('button', { name: 'shop.note' }).click()
  await expect(detail).toContainText('A name of the application’s own.')
  await detail.getByRole('link', { name: 'Find traces with this value' }).click()
  await expect(page.getByRole('region', { name: 'Traces', exact: true })).toContainText(
    '1 trace found among 2',
  )
  expect(complaints).toEqual([])
})
