import type { Page } from '@playwright/test'
import { violations } from './axe.ts'
import { expect, overHttp, test } from './collector-alone.ts'
import { sendOrder } from './orders.ts'

const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true })
const panel = (page: Page) => page.getByRole('tabpanel')

test('sums the spans up, by keyboard alone, and a link shows it again', async ({
  page,
  ports,
  complaints,
}) => {
  const traceId = await sendOrder(() => overHttp(ports))
  await page.goto(`/?trace=${traceId}`)
  await expect(page.getByRole('treeitem')).toHaveCount(7)

  await tab(page, 'Waterfall').focus()
  await page.keyboard.press('End')
  await page.keyboard.press('Home')
  while (!(await tab(page, 'Statistics').evaluate((each) => each === document.activeElement))) {
    await page.keyboard.press('ArrowRight')
  }
  await page.keyboard.press('Enter')
  const rows = panel(page).getByRole('table').locator('tbody').getByRole('row')
  await expect(rows).toHaveCount(5)
  await expect(rows.filter({ hasText: 'look at stock' })).toContainText(
    '3030.0 ms30.0 ms 35.2 %10.0 ms',
  )
  await panel(page).getByRole('button', { name: 'Total' }).focus()
  await page.keyboard.press('Enter')
  await expect(rows.first()).toContainText('place order')
  await expect(panel(page).getByRole('columnheader', { name: 'Total' })).toHaveAttribute(
    'aria-sort',
    'descending',
  )
  await panel(page).getByRole('radio', { name: 'service', exact: true }).check()
  await expect(rows).toHaveCount(2)

  // The link as it would be copied.
  await page.goto(page.url())
  await expect(tab(page, 'Statistics')).toHaveAttribute('aria-selected', 'true')
  await expect(rows).toHaveCount(5)
  await panel(page).getByRole('button', { name: 'show the slowest ask the bank' }).click()
  await expect(tab(page, 'Waterfall')).toHaveAttribute('aria-selected', 'true')
  await expect(page.getByRole('region', { name: 'ask the bank' })).toBeFocused()
  expect(complaints).toEqual([])
})

test('draws where the time went, and who called whom, and leads back to the spans', async ({
  page,
  ports,
  complaints,
}) => {
  const traceId = await sendOrder(() => overHttp(ports))
  await page.goto(`/?trace=${traceId}&tab=flame`)
  const bars = panel(page).getByRole('treeitem')
  await expect(bars).toHaveCount(5)
  const look = bars.filter({ hasText: 'look at stock' })
  await expect(look).toHaveText('look at stock ×3')
  await expect(look).toHaveAccessibleName(/^look at stock, shop, 3 spans, 30.0 ms in all/)
  const charge = bars.filter({ hasText: 'charge card' })
  expect((await charge.boundingBox())!.width).toBeGreaterThan((await look.boundingBox())!.width)

  await bars.first().focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowRight')
  await expect(charge).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(bars).toHaveText(['place order', 'charge card', 'POST /charge', 'ask the bank'])
  await page.keyboard.press('Escape')
  await expect(bars).toHaveCount(5)

  await tab(page, 'Graph').click()
  const boxes = panel(page).getByRole('treeitem')
  await expect(boxes).toHaveCount(5)
  await expect(boxes.filter({ hasText: 'ask the bank' })).toContainText('1 error')
  await boxes.first().focus()
  for (const key of ['ArrowRight', 'ArrowDown', 'ArrowRight', 'ArrowRight']) {
    await page.keyboard.press(key)
  }
  await expect(boxes.filter({ hasText: 'ask the bank' })).toBeFocused()
  await panel(page).getByRole('button', { name: 'Show in the waterfall' }).click()
  await expect(page.getByRole('region', { name: 'ask the bank' })).toBeFocused()
  expect(complaints).toEqual([])
})

test('compares a trace with the one before of the same shape, or with another', async ({
  page,
  ports,
  complaints,
}) => {
  const exporter = () => overHttp(ports)
  const withReceipt = await sendOrder(exporter, { receipt: true, looks: 2 })
  const before = await sendOrder(exporter)
  const traceId = await sendOrder(exporter, { chargeMs: 160, looks: 4 })
  await sendOrder(exporter)
  await page.goto(`/?trace=${traceId}&tab=compare`)
  const rows = panel(page).getByRole('table').locator('tbody').getByRole('row')
  await expect(panel(page)).toContainText(
    'The trace before this one of the same operation and shape.',
  )
  await expect(panel(page).getByRole('link', { name: 'Open it' })).toHaveAttribute(
    'href',
    new RegExp(`trace=${before}`),
  )
  await expect(panel(page)).toContainText('215 mswas 85.0 ms: +130 ms (+152 %)1 added, 4 slower')
  await expect(rows).toHaveText([
    /^place order.*slower85.0 ms215 ms\+130 ms \(\+152 %\)0 ns$/,
    /^look at stock.*added10.0 ms$/,
    /^charge card.*slower/,
    /^POST \/charge.*slower/,
    /^ask the bank.*slower20.0 ms140 ms\+120 ms \(\+600 %\)\+120 ms$/,
  ])

  // By keyboard, to the trace that had a receipt.
  await panel(page).getByRole('textbox', { name: 'or trace id' }).focus()
  await page.keyboard.type(traceId)
  await page.keyboard.press('Enter')
  await expect(panel(page).getByRole('alert')).toHaveText('That is this trace itself.')
  await page.keyboard.press('Control+A')
  await page.keyboard.type(withReceipt)
  await page.keyboard.press('Enter')
  await expect(panel(page)).toContainText('The trace that you chose; it has another shape.')
  await expect(page).toHaveURL(new RegExp(`with=${withReceipt}`))
  await expect(rows.last()).toHaveText(/^send receipt.*removed8.00 ms$/)
  await panel(page).getByRole('button', { name: 'place order' }).focus()
  await page.keyboard.press('End')
  await expect(panel(page).getByRole('link', { name: 'send receipt' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('region', { name: 'send receipt' })).toBeVisible()
  expect(complaints).toEqual([])
})

test('replays a trace in the order in which its spans arrived, by keyboard', async ({
  page,
  ports,
  complaints,
}) => {
  // Each span ends, and is sent, by itself: children before their parents, the payment's first.
  const traceId = await sendOrder(() => overHttp(ports), { looks: 1 })
  await page.goto(`/?trace=${traceId}`)
  const rows = page.getByRole('treeitem')
  await expect(rows).toHaveCount(5)
  const placeOf = (id: string | null) =>
    page.locator(`[data-span-id="${id}"] .bar`).evaluate((bar) => bar.style.insetInlineStart)
  const ids = await rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-span-id')))
  const places = new Map(await Promise.all(ids.map(async (id) => [id, await placeOf(id)] as const)))

  await page.getByRole('button', { name: 'Replay arrival' }).focus()
  await page.keyboard.press('Enter')
  const replay = page.getByRole('region', { name: 'Arrival replay' })
  await expect(replay).toContainText(/Request 1 of \d, the first: \d of 5 spans/)
  const scrubber = replay.getByRole('slider')
  await scrubber.focus()
  await page.keyboard.press('Home')
  await expect(rows).toHaveCount(0)
  let before = 0
  for (let step = 1; step <= Number(await scrubber.getAttribute('max')); step++) {
    await page.keyboard.press('ArrowRight')
    await expect(replay).toContainText(`Request ${step} of`)
    const text = await replay.getByText(/^Request/).textContent()
    const spans = Number(/(\d) of 5 spans/.exec(text ?? '')?.[1])
    expect(spans).toBeGreaterThan(before)
    before = spans
  }
  expect(before).toBe(5)
  await expect(rows).toHaveCount(5)

  // What was placed once stays there, and a parent that had not come is a place held for it.
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowRight')
  await expect(rows.first()).toContainText('has not arrived')
  const first = await rows.nth(1).getAttribute('data-span-id')
  expect(await placeOf(first)).toBe(places.get(first))
  await replay.getByRole('button', { name: 'Play', exact: true }).click()
  await expect(replay).toContainText('5 of 5 spans')
  await expect(replay.getByRole('button', { name: 'Play', exact: true })).toBeVisible()
  await replay.getByRole('button', { name: 'End replay' }).click()
  await expect(page.getByRole('button', { name: 'Replay arrival' })).toBeVisible()
  expect(complaints).toEqual([])
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds no fault with the views, and nothing is cut off at 390 pixels, ${colorScheme}`, async ({
    page,
    ports,
  }) => {
    // It looks closely at each, which takes a busy machine its time.
    test.slow()
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width: 390, height: 844 })
    await sendOrder(() => overHttp(ports))
    const traceId = await sendOrder(() => overHttp(ports), { chargeMs: 160, receipt: true })
    for (const view of ['flame', 'statistics', 'graph', 'compare']) {
      await page.goto(`/?trace=${traceId}&tab=${view}`)
      await expect(panel(page).locator('[role=treeitem], tbody tr').first()).toBeVisible()
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
      expect(overflow, view).toBe(0)
      expect(await violations(page), view).toEqual([])
    }
  })
}
