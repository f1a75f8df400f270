import type { SpanExporter } from '@opentelemetry/sdk-trace-node'
import type { Locator, Page } from '@playwright/test'
import { expect, overHttp, sendRoots, test } from './collector-alone.ts'

const list = (page: Page) => page.getByRole('region', { name: 'Traces', exact: true })
const rows = (page: Page) => list(page).locator('tbody').getByRole('row')
const names = (page: Page) => list(page).locator('tbody a')
const box = (page: Page) => page.getByRole('combobox', { name: 'Query' })
const button = (page: Page, name: string | RegExp) => list(page).getByRole('button', { name })
const count = (page: Page) => list(page).getByRole('status')
const options = (page: Page) => page.getByRole('listbox').getByRole('option')
const help = (page: Page) => page.locator('.query-help')

/** A slow order, a quick login and a failed payment, in this order. */
async function sendShop(exporter: SpanExporter): Promise<void> {
  // One moment for all: their starts are in this order, however long the sending takes.
  const now = Date.now()
  const shop = [
    { name: 'place order', ms: 900 },
    { name: 'log in', ms: 20 },
  ]
  await sendRoots('shop', exporter, shop, now)
  await sendRoots('payment', exporter, [{ name: 'charge card', ms: 300, error: 'declined' }], now)
}

const sendOne = (exporter: SpanExporter, name: string) =>
  sendRoots('shop', exporter, [{ name, ms: 1 }])

test('lists what arrives, sorts it, and keeps question and sort in the address', async ({
  page,
  ports,
  complaints,
}) => {
  await page.goto('/')
  await expect(list(page)).toContainText('No traces yet.')
  await sendShop(overHttp(ports))
  await expect(names(page)).toHaveText(['charge card', 'log in', 'place order'])
  const charge = rows(page).filter({ hasText: 'charge card' })
  await expect(charge).toContainText('payment')
  await expect(charge.getByRole('cell').nth(3)).toHaveText('300 ms')
  await expect(charge.getByRole('cell').nth(5)).toHaveText(/^1/)

  await button(page, 'Duration').click()
  await expect(names(page)).toHaveText(['place order', 'charge card', 'log in'])
  await expect(page.getByRole('columnheader', { name: 'Duration' })).toHaveAttribute(
    'aria-sort',
    'descending',
  )
  await button(page, 'Duration').click()
  await expect(names(page)).toHaveText(['log in', 'charge card', 'place order'])
  await expect(page).toHaveURL(/[?&]sort=duration/)

  await names(page).filter({ hasText: 'log in' }).click()
  await expect(page.getByRole('heading', { name: 'log in' })).toBeVisible()
  await page.getByRole('button', { name: 'Errors', exact: true }).first().click()
  await expect(names(page)).toHaveText(['charge card'])

  // A row's own link asks the same question, wherever it is opened.
  const href = await names(page).first().getAttribute('href')
  expect(Object.fromEntries(new URL(href!).searchParams)).toMatchObject({
    q: '{ status = error }',
    sort: 'duration',
  })

  // The link as it would be copied.
  const link = page.url()
  await page.goto('about:blank')
  await page.goto(link)
  await expect(names(page)).toHaveText(['charge card'])
  await expect(box(page)).toHaveValue('{ status = error }')
  await expect(page.getByRole('heading', { name: 'log in' })).toBeVisible()
  await page.getByRole('button', { name: 'Clear' }).click()
  await expect(names(page)).toHaveText(['log in', 'charge card', 'place order'])
  await page.goBack()
  await expect(names(page)).toHaveText(['charge card'])
  await expect(box(page)).toHaveValue('{ status = error }')
  await page.goForward()
  await expect(names(page)).toHaveCount(3)
  expect(complaints).toEqual([])
})

test('moves nothing under the pointer or the focus, and says how many are new', async ({
  page,
  ports,
}) => {
  const exporter = () => overHttp(ports)
  await sendOne(exporter(), 'first')
  await page.goto('/')
  await names(page).first().hover()
  await sendOne(exporter(), 'second')
  await expect(button(page, '1 new')).toBeVisible()
  await expect(names(page)).toHaveText(['first'])
  await page.getByRole('heading', { name: 'pingtrace' }).hover()
  await expect(names(page)).toHaveText(['second', 'first'])

  await names(page).first().focus()
  await sendOne(exporter(), 'third')
  await expect(button(page, '1 new')).toBeVisible()
  await page.keyboard.press('ArrowDown')
  await expect(names(page).filter({ hasText: 'first' })).toBeFocused()
  await expect(names(page)).toHaveText(['second', 'first'])
  await button(page, '1 new').click()
  await expect(names(page)).toHaveText(['third', 'second', 'first'])
  await expect(button(page, 'Up to date')).toBeVisible()
})

test('pauses, counts what comes meanwhile, and goes on', async ({ page, ports }) => {
  await sendOne(overHttp(ports), 'first')
  await page.goto('/')
  await expect(names(page)).toHaveText(['first'])
  await button(page, 'Pause').click()
  await expect(button(page, 'Pause')).toHaveAttribute('aria-pressed', 'true')
  await sendOne(overHttp(ports), 'second')
  await sendOne(overHttp(ports), 'third')
  await expect(button(page, '2 new')).toBeVisible()
  await expect(names(page)).toHaveText(['first'])
  await button(page, 'Pause').click()
  await expect(names(page)).toHaveText(['third', 'second', 'first'])
})

test('finds by a query that completion helped to write, and goes on to find', async ({
  page,
  ports,
}) => {
  await sendShop(overHttp(ports))
  await page.goto('/')
  await expect(names(page)).toHaveCount(3)
  await box(page).focus()
  await page.keyboard.type('{ resource.service.name = "pa')
  await expect(options(page)).toHaveText([/"payment"/])
  await page.keyboard.press('ArrowDown')
  await expect(options(page).and(page.locator('[aria-selected="true"]'))).toHaveText(/"payment"/)
  await page.keyboard.press('Enter')
  await expect(box(page)).toHaveValue('{ resource.service.name = "payment" ')
  await page.keyboard.type('&& dura')
  await expect(options(page).first()).toHaveText(/duration/)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Tab')
  await page.keyboard.type('> 100ms }')
  await page.keyboard.press('Enter')
  await expect(names(page)).toHaveText(['charge card'])
  await expect(count(page)).toHaveText('1 trace found among 3')

  await sendRoots('payment', overHttp(ports), [
    { name: 'pay back', ms: 200 },
    { name: 'look up', ms: 1 },
  ])
  await expect(names(page)).toHaveText(['pay back', 'charge card'])
  await button(page, 'Pause').click()
  await sendRoots('payment', overHttp(ports), [{ name: 'pay out', ms: 200 }])
  await expect(button(page, '1 new')).toBeVisible()
  await expect(names(page)).toHaveText(['pay back', 'charge card'])
  await button(page, 'Pause').click()
  await expect(names(page)).toHaveText(['pay out', 'pay back', 'charge card'])
})

test('draws duration over time, and opens the trace of a dot', async ({ page, ports }) => {
  await sendShop(overHttp(ports))
  await page.goto('/')
  const plot = page.getByRole('region', { name: 'Duration over time' })
  await expect(plot.getByRole('link')).toHaveCount(3)
  const slow = plot.getByRole('link', { name: 'place order, shop, 900 ms' })
  const quick = plot.getByRole('link', { name: 'log in, shop, 20.0 ms' })
  const [above, below] = [await slow.boundingBox(), await quick.boundingBox()]
  expect(above!.y).toBeLessThan(below!.y)
  expect(above!.x).toBeLessThan(below!.x)
  await slow.click()
  await expect(page.getByRole('heading', { name: 'place order' })).toBeVisible()
  await expect(page).toHaveURL(/[?&]trace=/)

  // The dots follow the question, and hold still as the rows do.
  await page.keyboard.press('ArrowRight')
  await expect(plot.getByRole('link', { name: /^charge card/ })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'charge card' })).toBeVisible()
  await sendOne(overHttp(ports), 'later')
  await expect(button(page, '1 new')).toBeVisible()
  await expect(plot.getByRole('link')).toHaveCount(3)
  await page.getByRole('button', { name: 'Errors', exact: true }).first().click()
  await expect(plot.getByRole('link')).toHaveCount(1)
})

test('says where a query is wrong, and asks nothing then', async ({ page, ports }) => {
  await sendShop(overHttp(ports))
  await page.goto('/')
  await expect(names(page)).toHaveCount(3)
  await box(page).fill('{ status = eror }')
  await page.keyboard.press('Enter')
  await expect(help(page)).toContainText('At character 12')
  await expect(help(page).locator('mark')).toHaveText('eror')
  await expect(box(page)).toHaveAttribute('aria-invalid', 'true')
  await expect(names(page)).toHaveCount(3)
  expect(new URL(page.url()).searchParams.has('q')).toBe(false)

  // Only the collector reads regular expressions.
  await box(page).fill('{ name =~ "(" }')
  await page.keyboard.press('Enter')
  await expect(help(page).locator('mark')).toHaveText('"("')
  await expect(list(page)).toContainText('The query is wrong')

  await page.goto(`/?q=${encodeURIComponent('{ status = eror }')}`)
  await expect(help(page).locator('mark')).toHaveText('eror')
  await box(page).fill('{ name = "nobody" }')
  await page.getByRole('button', { name: 'Search' }).click()
  await expect(list(page)).toContainText('No stored trace matches')
})

test('says when there may be more than it lists', async ({ page, ports }) => {
  const many = Array.from({ length: 520 }, (_, at) => ({ name: `job ${at}`, ms: 1 }))
  await sendRoots('batch', overHttp(ports), many)
  await page.goto(`/?q=${encodeURIComponent('{ resource.service.name = "batch" }')}`)
  await expect(count(page)).toHaveText('500 traces found, the newest; there may be older ones')
  await expect(rows(page)).toHaveCount(100)
  await list(page)
    .getByRole('button', { name: /^Show more: 400 traces/ })
    .click()
  await expect(rows(page)).toHaveCount(200)
})

test('can be used by keyboard alone, and the focus is always seen', async ({ page, ports }) => {
  await sendShop(overHttp(ports))
  await page.goto('/')
  await expect(names(page)).toHaveCount(3)
  await box(page).focus()
  for (const next of [
    page.getByRole('combobox', { name: 'Time' }),
    page.getByRole('button', { name: 'Search' }),
    page.getByRole('button', { name: 'Errors', exact: true }).first(),
    page.getByRole('button', { name: 'Slower than 500 ms' }),
    page.getByRole('button', { name: 'A server that fails below' }),
    page.getByRole('button', { name: /^Service / }),
    page.locator('.dot[tabindex="0"]'),
    button(page, 'Up to date'),
    button(page, 'Pause'),
    button(page, 'Follow latest trace'),
    ...['Arrived', 'Start', 'Duration', 'Spans', 'Errors'].map((name) => button(page, name)),
    // One stop for all rows, as for all dots: the one whose trace is open.
    list(page).locator('tbody a[tabindex="0"]'),
  ]) {
    await page.keyboard.press('Tab')
    await expect(next).toBeFocused()
    expect(await hasOutline(next)).toBe(true)
  }
  await page.keyboard.press('End')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'place order' })).toBeVisible()
  await expect(rows(page).last()).toHaveAttribute('aria-current', 'true')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Copy trace id' })).toBeFocused()
})

/** Of the element, or of the row that its focus is shown on. */
function hasOutline(element: Locator): Promise<boolean> {
  return element.evaluate((node) =>
    [node, node.closest('tr')].some(
      (each) => each !== null && getComputedStyle(each).outlineStyle !== 'none',
    ),
  )
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`nothing is cut off at 390 pixels, ${colorScheme}`, async ({ page, ports }) => {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width: 390, height: 844 })
    await sendShop(overHttp(ports))
    await page.goto('/')
    await expect(names(page)).toHaveCount(3)
    await box(page).fill(
      '{ resource.service.name = "payment" && span.http.request.method = "GET" &&',
    )
    await page.keyboard.press('Enter')
    await expect(help(page)).toContainText('At character')
    const overflow = () =>
      page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
    expect(await overflow()).toBe(0)
    await box(page).fill('{ ')
    await expect(page.getByRole('listbox')).toBeVisible()
    expect(await overflow()).toBe(0)
    for (const row of await rows(page).all()) {
      expect(await row.evaluate((each) => each.scrollWidth - each.clientWidth)).toBe(0)
    }
  })
}
