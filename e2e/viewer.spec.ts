import type { Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'
import { asWaterfall, PingPage } from './ping-page.ts'
import { pingShape } from './stored-traces.ts'

test('a reload shows the history, and the same trace again', async ({ page, stored }) => {
  const ping = new PingPage(page)
  await ping.open()
  const first = await ping.ping()
  const second = await ping.ping()
  await stored.waitFor(first, pingShape)
  await stored.waitFor(second, pingShape)
  await ping.expectWaterfall(asWaterfall(pingShape))

  await page.reload()
  await expect(ping.recent.locator(`[data-trace-id="${first}"]`)).toBeVisible()
  await expect(ping.recent.locator(`[data-trace-id="${second}"]`)).toBeVisible()
  await ping.recent.locator(`[data-trace-id="${first}"]`).click()
  await ping.expectWaterfall(asWaterfall(pingShape))
  await expect(page).toHaveURL(new RegExp(first))
})

test('a span shows its attributes, resource and scope', async ({ page, stored }) => {
  const ping = new PingPage(page)
  await ping.open()
  await stored.waitFor(await ping.ping(), pingShape)
  await page.getByRole('treeitem', { name: /^server redis operation/ }).click()

  const detail = page.getByRole('region', { name: 'server redis operation' })
  await expect(detail).toContainText('db.system.name')
  await expect(detail).toContainText('service.version')
  await expect(detail).toContainText('Scope')
  await expect(detail).toContainText('in the same process')
  await expect(detail).toContainText('Flags01: sampled')
  await expect(detail).toContainText(/\d{4}-\d\d-\d\dT[\d:]{8}\.\d{9}Z/)
})

test('the waterfall can be used by keyboard alone', async ({ page, stored }) => {
  const ping = new PingPage(page)
  await ping.open()
  await ping.pingButton.focus()
  await page.keyboard.press('Enter')
  await expect(ping.calls).toHaveCount(1)
  await stored.waitFor(await ping.newestTraceId(), pingShape)
  await ping.expectWaterfall(asWaterfall(pingShape))

  await page.getByRole('treeitem', { name: /^client operation/ }).focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowLeft')
  await expect(page.getByRole('treeitem')).toHaveCount(2)
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('treeitem')).toHaveCount(6)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('region', { name: '/ping' })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('treeitem', { name: /^\/ping/ })).toBeFocused()
})

test('a hidden tab lets go of its streams, and catches up when it is shown', async ({
  page,
  stack,
  stored,
}) => {
  const openStreams = async (): Promise<number> => {
    const response = await fetch(`http://localhost:${stack.ports.query}/healthz`)
    return ((await response.json()) as { streams: number }).streams
  }
  const ping = new PingPage(page)
  await ping.open()
  const traceId = await ping.ping()
  await stored.waitFor(traceId, pingShape)
  await setHidden(page, true)
  await expect.poll(openStreams).toBe(0)
  const unseen = await ping.ping()
  await stored.waitFor(unseen, pingShape)
  await setHidden(page, false)
  await ping.expectWaterfall(asWaterfall(pingShape))
  await expect(ping.recent.locator(`[data-trace-id="${unseen}"]`)).toBeVisible()
  await expect(ping.connection).toHaveText('Live: connected to the collector')
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`nothing is cut off at 390 pixels, ${colorScheme}`, async ({ page, stored }) => {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width: 390, height: 844 })
    const ping = new PingPage(page)
    await ping.open()
    await stored.waitFor(await ping.ping(), pingShape)
    await ping.expectWaterfall(asWaterfall(pingShape))
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect(overflow).toBe(0)
  })
}

/** As when another tab is shown; Playwright has no word for it. */
async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate(
    (state) => {
      Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    },
    hidden ? 'hidden' : 'visible',
  )
}
