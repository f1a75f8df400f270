import type { Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'
import { PingPage } from './ping-page.ts'
import { ping } from './spans.ts'

// As people have it: the click is the root.
test.use({ stackEnv: {} })

test('without a test around it, the click is the root', async ({ page, traces }) => {
  const app = new PingPage(page)
  await app.open()
  const trace = await traces.during('click on Ping', () => app.ping())
  expect(trace).toMatchSpans(ping)
  expect(trace.find({ name: 'client operation' }).parentSpanId).toBeUndefined()
  await app.expectWaterfall(ping)
})

test('thirty pings at once are never cross-linked', async ({ page, traces }) => {
  const app = new PingPage(page)
  await app.open()
  const trace = await traces.during('click thirty times', () => app.pingAtOnce(30))
  expect(trace).toMatchSpans(Array(30).fill(ping))
  expect(trace.traceIds).toHaveLength(30)
})

test('a reload shows the history, and the same trace again', async ({ page, traces }) => {
  const app = new PingPage(page)
  await app.open()
  const trace = await traces.during('click twice', async () => {
    await app.ping()
    await app.ping()
  })
  expect(trace).toMatchSpans([ping, ping])
  const [first = '', second = ''] = trace.traceIds
  await app.expectWaterfall(ping)

  await page.reload()
  await expect(app.recent.locator(`[data-trace-id="${first}"]`)).toBeVisible()
  await expect(app.recent.locator(`[data-trace-id="${second}"]`)).toBeVisible()
  await app.recent.locator(`[data-trace-id="${first}"]`).click()
  await app.expectWaterfall(ping)
  await expect(page).toHaveURL(new RegExp(first))
})

test('a span shows its attributes, resource and scope', async ({ page, traces }) => {
  const app = new PingPage(page)
  await app.open()
  await traces.during('click on Ping', () => app.ping())
  await page.getByRole('treeitem', { name: /^server redis operation/ }).click()

  const detail = page.getByRole('region', { name: 'server redis operation' })
  await expect(detail).toContainText('db.system.name')
  await expect(detail).toContainText('service.version')
  await expect(detail).toContainText('Scope')
  await expect(detail).toContainText('in the same process')
  await expect(detail).toContainText('Flags01: sampled')
  await expect(detail).toContainText(/\d{4}-\d\d-\d\dT[\d:]{8}\.\d{9}Z/)
})

test('the waterfall can be used by keyboard alone', async ({ page, traces }) => {
  const app = new PingPage(page)
  await app.open()
  await app.pingButton.focus()
  const trace = await traces.during('press Enter on Ping', () => page.keyboard.press('Enter'))
  expect(trace).toMatchSpans(ping)
  await app.expectWaterfall(ping)

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

test('Tab leads through the whole page and out of it, and the focus is always seen', async ({
  page,
  traces,
}) => {
  const app = new PingPage(page)
  await app.open()
  await traces.during('click on Ping', () => app.ping())
  await app.expectWaterfall(ping)
  await page.getByRole('treeitem', { name: /^server redis operation/ }).click()
  await page.getByRole('region', { name: 'server redis operation' }).waitFor()
  await page.getByRole('switch').focus()
  await page.keyboard.press('Shift+Tab')

  const passed: string[] = []
  for (; ; await page.keyboard.press('Tab')) {
    const focused = await page.evaluate(() => {
      const element = document.activeElement
      if (element === null || element === document.body) return undefined
      const { outlineStyle, outlineWidth } = getComputedStyle(element)
      const name = element.getAttribute('aria-label') ?? element.closest('label')?.textContent
      return {
        name: (name ?? element.textContent ?? '').trim().slice(0, 40),
        seen: outlineStyle !== 'none' && outlineWidth !== '0px',
      }
    })
    // Past the last one the focus leaves for the browser's own bars, or begins again.
    if (focused === undefined || (focused.name === 'Ping' && passed.length > 0)) break
    expect(focused.seen, `the focus on "${focused.name}"`).toBe(true)
    passed.push(focused.name)
    expect(passed.length, passed.join('\n')).toBeLessThan(100)
  }
  const named = (pattern: RegExp) => passed.findIndex((name) => pattern.test(name))
  const stops = [/^Ping$/, /^Auto-ping/, /^\/ping$/, /^Show trace/, /^Copy trace id/]
  const order = [...stops, /^server redis operation/, /^Close$/, /^Follow latest ping/].map(named)
  expect(order, passed.join('\n')).toEqual(order.toSorted((a, b) => a - b))
  expect(order, passed.join('\n')).not.toContain(-1)
})

test('a hidden tab lets go of its streams, and catches up when it is shown', async ({
  page,
  stack,
  traces,
}) => {
  const openStreams = async (): Promise<number> => {
    const response = await fetch(`http://localhost:${stack.ports.query}/healthz`)
    return ((await response.json()) as { streams: number }).streams
  }
  const app = new PingPage(page)
  await app.open()
  await app.ping()
  await setHidden(page, true)
  await expect.poll(openStreams).toBe(0)
  const unseen = await traces.during('click in the hidden tab', () => app.ping())
  expect(unseen).toMatchSpans(ping)
  await setHidden(page, false)
  await app.expectWaterfall(ping)
  await expect(app.recent.locator(`[data-trace-id="${unseen.traceIds[0]}"]`)).toBeVisible()
  await expect(app.connection).toHaveText('Live: connected to the collector')
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`nothing is cut off at 390 pixels, ${colorScheme}`, async ({ page, traces }) => {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width: 390, height: 844 })
    const app = new PingPage(page)
    await app.open()
    await traces.during('click on Ping', () => app.ping())
    await app.expectWaterfall(ping)
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect(overflow).toBe(0)

    // What would have to be scrolled to, or guessed, is lost as well.
    const log = await page.getByRole('region', { name: 'Calls' }).boundingBox()
    const link = await app.calls.getByRole('button', { name: /^Show trace/ }).boundingBox()
    const duration = await app.calls.getByText(/ ms$/).boundingBox()
    if (log === null || link === null || duration === null) throw new Error('no call is shown')
    for (const part of [link, duration]) {
      expect(part.x + part.width).toBeLessThanOrEqual(log.x + log.width)
    }
    for (const service of await app.tree.getByText(/^pingtrace-(web|api)$/).all()) {
      expect(await service.evaluate((text) => text.scrollWidth - text.clientWidth)).toBe(0)
    }
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
