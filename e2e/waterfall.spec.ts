import { context, trace } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import type { Page } from '@playwright/test'
import { expect, overHttp, test } from './collector-alone.ts'

const rows = (page: Page) => page.getByRole('treeitem')
const row = (page: Page, name: RegExp) => page.getByRole('treeitem', { name })
const tool = (page: Page, name: string) => page.getByRole('button', { name })

type Ports = Parameters<typeof overHttp>[0]

/** What the SDK of an application sends; times in milliseconds since one moment of a minute ago. */
async function withTracer<T>(
  ports: Ports,
  make: (tracer: ReturnType<NodeTracerProvider['getTracer']>, at: (ms: number) => number) => T,
): Promise<T> {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop' }),
    spanProcessors: [new BatchSpanProcessor(overHttp(ports))],
  })
  const began = Date.now() - 60_000
  const made = make(provider.getTracer('waterfall'), (ms) => began + ms)
  await provider.shutdown()
  return made
}

/** A chain of a thousand calls, each within the one before. */
const sendChain = (ports: Ports) =>
  withTracer(ports, (tracer, at) => {
    let within = context.active()
    const spans = Array.from({ length: 1_000 }, (_, nth) => {
      const span = tracer.startSpan(`call ${nth + 1}`, { startTime: at(nth) }, within)
      within = trace.setSpan(within, span)
      return span
    })
    for (const [nth, span] of spans.entries()) span.end(at(3_000 - nth))
    return spans[0]!.spanContext().traceId
  })

test('a thousand levels can be walked by keyboard, and are collapsed by the level', async ({
  page,
  ports,
  complaints,
}) => {
  const traceId = await sendChain(ports)
  await page.goto(`/?trace=${traceId}`)
  await expect(page.locator('.trace-facts')).toContainText('1000 spans')
  await row(page, /^call 1,/).focus()
  await page.keyboard.press('End')
  const last = row(page, /^call 1000,/)
  await expect(last).toBeFocused()
  await expect(last).toBeInViewport()
  await expect(last).toHaveAttribute('aria-level', '1000')
  // Its name has room, however deep it is.
  const name = await last.getByTitle('call 1000').boundingBox()
  expect(name?.width).toBeGreaterThan(50)
  expect(await rows(page).count()).toBeLessThan(150)

  // What is scrolled far out of sight keeps the focus.
  await page.locator('.waterfall').evaluate((scroller) => scroller.scrollTo(0, 0))
  await expect(row(page, /^call 1,/)).toBeInViewport()
  await expect(last).toBeFocused()
  await page.keyboard.press('ArrowUp')
  await expect(row(page, /^call 999,/)).toBeFocused()
  await expect(row(page, /^call 999,/)).toBeInViewport()

  await tool(page, 'Collapse all').click()
  await expect(rows(page)).toHaveCount(1)
  await tool(page, 'One level more').click()
  await tool(page, 'One level more').click()
  await expect(rows(page)).toHaveCount(3)
  await tool(page, 'One level less').click()
  await expect(rows(page)).toHaveCount(2)
  await tool(page, 'Expand all').click()
  await expect(row(page, /^call 10,/)).toBeVisible()
  expect(complaints).toEqual([])
})

test('loops, ids told twice and several roots are drawn, and said', async ({ page, ports }) => {
  const traceId = 'c'.repeat(32)
  const span = (spanId: string, parentSpanId: string, name: string) => ({
    traceId,
    spanId: spanId.repeat(16),
    parentSpanId: parentSpanId.repeat(16),
    name,
    startTimeUnixNano: `${BigInt(Date.now()) * 1_000_000n}`,
    endTimeUnixNano: `${BigInt(Date.now() + 5) * 1_000_000n}`,
  })
  const spans = [
    span('1', '', 'root'),
    span('2', '1', 'child'),
    span('2', '1', 'child told otherwise'),
    span('3', '', 'other root'),
    span('4', '5', 'loop one'),
    span('5', '4', 'loop two'),
    span('6', '6', 'own parent'),
  ]
  const sent = await fetch(`http://localhost:${ports.otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
  })
  expect(sent.status).toBe(200)
  await page.goto(`/?trace=${traceId}`)
  await expect(rows(page)).toHaveCount(7)
  for (const said of ['1 id with conflicting spans', '2 loops of parents', '4 roots']) {
    await expect(page.getByText(said)).toBeVisible()
  }
  await expect(row(page, /^child told otherwise, .*conflicting/)).toBeVisible()
  await expect(row(page, /^own parent, .*parent loop/)).toBeVisible()
})

test('a section of the time is picked with the pointer or the keys, and the critical path is marked', async ({
  page,
  ports,
}) => {
  const traceId = await withTracer(ports, (tracer, at) => {
    const root = tracer.startSpan('checkout', { startTime: at(0) })
    const within = trace.setSpan(context.active(), root)
    for (const [name, start, end] of [
      ['reserve', 0, 400],
      ['log', 100, 200],
      ['charge', 500, 1_000],
    ] as const) {
      tracer.startSpan(name, { startTime: at(start) }, within).end(at(end))
    }
    root.end(at(1_000))
    return root.spanContext().traceId
  })
  await page.goto(`/?trace=${traceId}`)
  await expect(row(page, /^charge, .*on the critical path/)).toBeVisible()
  await expect(row(page, /^log, shop, 100 ms$/)).toBeVisible()
  await tool(page, 'Critical path').click()
  await expect(row(page, /on the critical path/)).toHaveCount(0)
  await row(page, /^checkout,/).click()
  await expect(page.locator('.detail')).toContainText(/Self time\s*100 ms/)

  const area = page.locator('.minimap-area')
  const { width, height } = (await area.boundingBox())!
  await area.dragTo(area, {
    sourcePosition: { x: width * 0.75, y: height / 2 },
    targetPosition: { x: width * 0.5, y: height / 2 },
  })
  await expect(
    page.getByText(/^Section of 2\d\d ms, \+(499|5\d\d) ms from the start$/),
  ).toBeVisible()
  const start = page.getByRole('slider', { name: 'Start of the section' })
  await start.focus()
  await page.keyboard.press('Home')
  await expect(start).toHaveAttribute('aria-valuetext', '+0 ns')
  await tool(page, 'Whole trace').click()
  await expect(page.getByText(/^Section of/)).toHaveCount(0)
  await row(page, /^charge,/).focus()
  await page.keyboard.press('z')
  await expect(page.getByText('Section of 500 ms, +500 ms from the start')).toBeVisible()
  await page.keyboard.press('Z')
  await expect(page.getByText(/^Section of/)).toHaveCount(0)
})

test('a link is followed to its span, and back from there', async ({ page, ports }) => {
  const [cause, effect] = await withTracer(ports, (tracer, at) => {
    const order = tracer.startSpan('order', { startTime: at(0), root: true })
    const links = [{ context: order.spanContext() }]
    const mail = tracer.startSpan('send mail', { startTime: at(50), root: true, links })
    order.end(at(10))
    mail.end(at(90))
    return [order.spanContext(), mail.spanContext()]
  })
  await page.goto(`/?trace=${effect.traceId}&span=${effect.spanId}`)
  // The region of the whole trace may have the same name.
  const detail = (name: string) => page.locator('.detail').and(page.getByRole('region', { name }))
  await detail('send mail').getByRole('link').click()
  const order = detail('order')
  await expect(order).toBeVisible()
  expect(page.url()).toContain(`trace=${cause.traceId}&span=${cause.spanId}`)
  await order.getByRole('button', { name: 'Find spans that link here' }).click()
  await expect(order).toContainText('From send mail of shop')
  await order.getByRole('link').click()
  await expect(detail('send mail')).toBeVisible()
  await page.goBack()
  await expect(order).toBeVisible()
})

test('a printed trace has its rows on paper, and says how many more there are', async ({
  page,
  ports,
  complaints,
}) => {
  await page.goto(`/?trace=${await sendChain(ports)}`)
  await expect(row(page, /^call 1,/)).toBeVisible()
  // After the viewer's own listener: what is in the document now is printed.
  await page.evaluate(() =>
    addEventListener('beforeprint', () => {
      const printed = document.querySelectorAll('.row').length
      document.body.dataset.printed = `${printed} ${document.querySelector('.live-trace')?.textContent}`
    }),
  )
  await page.pdf()
  const printed = await page.locator('body').getAttribute('data-printed')
  expect(printed).toMatch(/^500 /)
  expect(printed).toContain('The first 500 of 1000 rows')
  await expect.poll(() => rows(page).count()).toBeLessThan(150)
  await expect(row(page, /^call 1,/)).toBeVisible()
  await page.emulateMedia({ media: 'print' })
  await expect(tool(page, 'Expand all')).toBeHidden()
  await expect(page.getByRole('combobox', { name: 'Query' })).toBeHidden()
  expect(complaints).toEqual([])
})
