import { violations } from './axe.ts'
import { expect, overHttp, sendCalls, test } from './collector-alone.ts'

// Axe looks closely at five pages a theme, which takes a busy machine its time.
test.describe.configure({ timeout: 120_000 })

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds no fault with any view, ${colorScheme}`, async ({ page, ports }) => {
    await page.emulateMedia({ colorScheme })
    await page.goto('/')
    await expect(page.getByText('new OTLPTraceExporter')).toBeVisible()
    expect(await violations(page), 'the viewer without traces').toEqual([])

    await sendCalls(() => overHttp(ports), 2)
    const spans = page.getByRole('treeitem')
    await expect(spans).toHaveCount(3)
    await spans.nth(1).click()
    await expect(page.getByRole('region', { name: 'POST /orders' })).toBeVisible()
    expect(await violations(page), 'list, plot, trace and the detail of a span').toEqual([])

    await page.goto('/?view=operations')
    await expect(page.getByRole('img').first()).toBeVisible()
    await page.getByRole('combobox', { name: 'Query' }).fill('{ status = eror }')
    await page.keyboard.press('Enter')
    await expect(page.getByText('At character')).toBeVisible()
    expect(await violations(page), 'operations and a wrong query').toEqual([])

    await page.goto('/?view=map&from=2026-01-01T00:00:00Z')
    await expect(page.locator('.map-node').first()).toBeVisible()
    expect(await violations(page), 'service map and a time').toEqual([])

    await page.getByRole('button', { name: 'Keys ?' }).click()
    await expect(page.getByRole('dialog')).toBeVisible()
    expect(await violations(page), 'the sheet of keys').toEqual([])
  })
}

test('nothing of the overviews is cut off at 390 pixels, and nothing moves by itself', async ({
  page,
  ports,
}) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.setViewportSize({ width: 390, height: 844 })
  await sendCalls(() => overHttp(ports), 2)
  for (const [view, shown] of [
    ['', 'tbody a'],
    ['operations', '.sparkline'],
    ['map', '.map-node'],
  ]) {
    await page.goto(`/?view=${view}`)
    await expect(page.locator(shown!).first()).toBeVisible()
    const [overflow, moving] = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement
      return [scrollWidth - clientWidth, document.getAnimations().length]
    })
    expect({ view, overflow, moving }).toEqual({ view, overflow: 0, moving: 0 })
  }
})
