import type { Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'
import { PingPage } from './ping-page.ts'

// As people have it: the click is the root.
test.use({ stackEnv: {} })

const eightHours = 8 * 3_600_000
const trace = (page: Page) => page.locator('.live-trace')
const duration = (page: Page) => trace(page).locator('.trace-facts strong')

test('a browser whose clock is 8 hours late is told so, and its trace can be seen adjusted', async ({
  page,
  stack,
  traces,
}) => {
  await page.addInitScript((late) => {
    const now = Date.now.bind(Date)
    Date.now = () => now() - late
  }, eightHours)
  const app = new PingPage(page)
  await app.open()
  await traces.during('click on Ping', () => app.ping())

  // As it was sent, unless somebody asks: and it is said which.
  await expect(trace(page)).toContainText(/browser clock \(pingtrace-web\) −(8 h 0|7 h 59) min/)
  await expect(trace(page)).toContainText('Times as they were sent')
  await expect(duration(page)).toHaveText(/^(8 h 0|7 h 59) min$/)
  await page.getByRole('treeitem', { name: /^client operation/ }).click()
  const detail = page.locator('.detail')
  await expect(detail).toContainText('the server’s span lies outside of this call')

  await page.getByRole('button', { name: 'Adjust' }).focus()
  await page.keyboard.press('Enter')
  await expect(trace(page)).toContainText('Times adjusted to one clock')
  await expect(duration(page)).toHaveText(/ s$| ms$/)
  await expect(detail).not.toContainText('lies outside')
  await expect(page).toHaveURL(/[?&]clocks=adjusted/)
  await page.reload()
  await expect(trace(page)).toContainText('Times adjusted to one clock')
  await expect(app.recent.first()).toContainText('browser clock −8 h')
  await page.goto(`http://localhost:${stack.ports.query}/`)
  await expect(page.locator('tbody tr').first()).toContainText('browser clock −8 h')
})

test('the way between page and server has a bar of its own, split by what the browser tells', async ({
  page,
  traces,
}) => {
  const app = new PingPage(page)
  await app.open()
  await traces.during('click on Ping', () => app.ping())
  const row = page.getByRole('treeitem', { name: /^client operation/ })
  await expect(row.locator('.row-gap [data-phase="server"]')).toBeVisible()
  await row.click()
  const times = page.locator('.detail').locator('.call-times')
  await expect(times).toContainText(/Between the two sides|longer than its caller waited/)
  await expect(times.getByRole('listitem').filter({ hasText: /^server / })).toHaveText(/ms$/)
  await expect(
    times.getByRole('listitem').filter({ hasText: 'preflight, or waiting for a connection' }),
  ).toHaveText(/ms$/)
  // Both have the same clock, and nothing is offered to be adjusted.
  await expect(page.getByRole('button', { name: 'Adjust' })).toHaveCount(0)
})
