import type { Page } from '@playwright/test'
import { expect, overHttp, sendCalls, sendRoots, test } from './collector-alone.ts'

const operations = (page: Page) => page.getByRole('region', { name: 'Operations' })
const map = (page: Page) => page.getByRole('region', { name: 'Service map', exact: true })
const drawing = (page: Page) => page.getByRole('region', { name: 'Drawing of the service map' })
const rows = (page: Page) => operations(page).locator('tbody').getByRole('row')
const listed = (page: Page) =>
  page.getByRole('region', { name: 'Traces', exact: true }).locator('tbody a')
const box = (page: Page) => page.getByRole('combobox', { name: 'Query' })
const tab = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name })

test('groups by operation, the slowest first, and leads to the traces of one', async ({
  page,
  ports,
  complaints,
}) => {
  await page.goto('/')
  await tab(page, 'Operations').click()
  await expect(operations(page)).toContainText('No traces yet.')
  await sendCalls(() => overHttp(ports), 4)
  await expect(rows(page)).toHaveCount(3)
  await expect(rows(page).getByRole('link')).toHaveText(['buy', 'POST /orders', 'INSERT orders'])
  const order = rows(page).nth(1).getByRole('cell')
  const most = /p95 .* at most 4 spans/
  await expect(order).toHaveText([/^4/, /^50 %/, /(29[7-9]|30\d) ms$/, /ms$/, /ms$/, most])
  await expect(rows(page).nth(1).getByRole('img')).toHaveAccessibleName(most)
  await page.getByRole('columnheader', { name: 'Operation' }).getByRole('button').click()
  await expect(rows(page).getByRole('link')).toHaveText(['buy', 'INSERT orders', 'POST /orders'])

  // It follows the question, and what arrives.
  await page.getByRole('button', { name: 'Errors', exact: true }).first().click()
  await expect(rows(page)).toHaveCount(1)
  await expect(operations(page).getByRole('status')).toHaveText('1 operation, 2 spans')
  await sendCalls(() => overHttp(ports), 1)
  await expect(operations(page).getByRole('status')).toHaveText('1 operation, 3 spans')

  // A row's own link, as it would be copied, and the row itself.
  const href = await rows(page).first().getByRole('link').getAttribute('href')
  await rows(page).first().click()
  await expect(box(page)).toHaveValue(
    '{ status = error && resource.service.name = "shop" && name = "POST /orders" && kind = server }',
  )
  await expect(listed(page)).toHaveText(['buy', 'buy', 'buy'])
  await page.goBack()
  await expect(rows(page).getByRole('link')).toHaveText(['POST /orders'])
  await expect(page).toHaveURL(/view=operations.*by=name/)
  await page.goto(href!)
  await expect(listed(page)).toHaveCount(3)
  expect(complaints).toEqual([])
})

test('maps who calls whom with the databases behind, and leads to the traces of a call', async ({
  page,
  ports,
  complaints,
}) => {
  await page.goto('/?view=map')
  await expect(map(page)).toContainText('No traces yet.')
  await sendCalls(() => overHttp(ports), 4)
  const node = (name: RegExp) => drawing(page).getByRole('link', { name })
  await expect(node(/^web \d/)).toBeVisible()
  await expect(node(/^shop .* 50 % failed/)).toContainText(/p50 (29[7-9]|30\d) ms/)
  await expect(node(/^postgresql database/)).toBeVisible()
  const call = node(/^web calls shop: .* 50 % failed/)
  // What the page saw, not what the server took.
  await expect(call).toContainText(/p50 (39[6-9]|40\d) ms/)
  const [left, right] = [await node(/^web \d/).boundingBox(), await node(/^shop \d/).boundingBox()]
  expect(left!.x + left!.width).toBeLessThan(right!.x)

  // The same in words.
  await expect(map(page).getByRole('table', { name: 'Calls' }).getByRole('rowheader')).toHaveText([
    'web → shop',
    'shop → postgresql',
  ])

  // By keyboard alone, and back.
  await call.focus()
  await page.keyboard.press('Enter')
  await expect(box(page)).toHaveValue(
    '{ resource.service.name = "web" } > { resource.service.name = "shop" }',
  )
  await expect(listed(page)).toHaveCount(4)
  await page.goBack()
  await node(/^postgresql/).click()
  await expect(box(page)).toHaveValue('{ span.db.system.name = "postgresql" }')
  await expect(listed(page)).toHaveCount(4)
  expect(complaints).toEqual([])
})

test('keeps to a time, in every view and in the address', async ({ page, ports }) => {
  await sendRoots('shop', overHttp(ports), [
    { name: 'slept', ms: 2 * 3_600_000 },
    { name: 'just now', ms: 10 },
  ])
  await page.goto('/')
  await expect(listed(page)).toHaveCount(2)
  const time = page.getByRole('combobox', { name: 'Time' })
  await time.selectOption('last hour')
  await tab(page, 'Operations').click()
  // It began before that hour; the list has what went on in it.
  await expect(rows(page).getByRole('link')).toHaveText(['just now'])
  await expect(page).toHaveURL(/view=operations&last=1h/)
  await time.selectOption('between…')
  await page.getByLabel('to', { exact: true }).fill('2020-01-01T00:00:00')
  await expect(operations(page)).toContainText('No stored span fits.')
  await tab(page, 'Traces').click()
  await expect(page.getByText('No stored trace matches.')).toBeVisible()
  await page.reload()
  await expect(page.getByText('No stored trace matches.')).toBeVisible()
  await page.getByRole('button', { name: 'Clear' }).click()
  await expect(listed(page)).toHaveCount(2)
})

test('holds still under the pointer', async ({ page, ports }) => {
  await sendCalls(() => overHttp(ports), 1)
  await page.goto('/?view=operations')
  await expect(rows(page)).toHaveCount(3)
  await rows(page).first().hover()
  const answer = () =>
    page.waitForResponse((response) => response.url().includes('/live/v1/operations'))
  const [refreshed] = await Promise.all([
    answer(),
    sendRoots('shop', overHttp(ports), [{ name: 'slowest', ms: 9_000 }]),
  ])
  await refreshed.finished()
  await expect(rows(page)).toHaveCount(3)
  await page.getByRole('heading', { name: 'pingtrace' }).hover()
  await expect(rows(page).getByRole('link').first()).toHaveText('slowest')
})

test('tells its keys, obeys them, and leaves them when told so', async ({ page, ports }) => {
  await sendRoots('shop', overHttp(ports), [{ name: 'log in', ms: 1 }])
  await page.goto('/')
  await expect(listed(page)).toHaveCount(1)
  await page.keyboard.press('2')
  await expect(operations(page)).toBeVisible()
  await page.keyboard.press('3')
  await expect(map(page)).toBeVisible()
  await page.keyboard.press('h')
  await expect(map(page).getByRole('button', { name: 'Pause' })).toHaveAttribute(
    'aria-pressed',
    'true',
  )
  await page.keyboard.press('/')
  await expect(box(page)).toBeFocused()
  // Where text is typed, it is text.
  await page.keyboard.type('1?')
  await expect(box(page)).toHaveValue('1?')
  await expect(map(page)).toBeVisible()
  await box(page).fill('')
  await box(page).blur()
  await page.keyboard.press('?')
  const sheet = page.getByRole('dialog', { name: 'Keys' })
  await expect(sheet).toBeVisible()
  await sheet.getByRole('checkbox').uncheck()
  await page.keyboard.press('Escape')
  await page.reload()
  await expect(map(page)).toBeVisible()
  await page.keyboard.press('1')
  await page.getByRole('button', { name: 'Keys ?' }).click()
  await expect(sheet.getByRole('checkbox')).not.toBeChecked()
  await sheet.getByRole('button', { name: 'Close' }).click()
  await expect(map(page)).toBeVisible()
})

test.describe('far from Greenwich', () => {
  test.use({ timezoneId: 'Asia/Kolkata', locale: 'en-GB' })

  test('shows times in the zone of the machine, or in UTC', async ({ page, ports }) => {
    await sendRoots('shop', overHttp(ports), [{ name: 'log in', ms: 1 }])
    await page.goto('/')
    const started = page.locator('tbody time').nth(1)
    const at = new Date((await started.getAttribute('datetime'))!)
    const clock = (millis: number) => new Date(millis).toISOString().slice(11, 19)
    await expect(started).toHaveText(clock(at.getTime() + 5.5 * 3_600_000))
    await page.getByRole('button', { name: 'UTC' }).click()
    await expect(started).toHaveText(clock(at.getTime()))
    await page.reload()
    await expect(started).toHaveText(clock(at.getTime()))
  })
})
