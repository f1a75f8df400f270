import type { Page } from '@playwright/test'
import { startAnotherPage } from './another-page.ts'
import { test as base, expect } from './fixtures.ts'
import { type HeldApi, serveHeldApi } from './held-api.ts'
import { asWaterfall, PingPage } from './ping-page.ts'
import { pingShape, type StoredTraces } from './stored-traces.ts'
import { openTab, type Tab } from './tab.ts'
import { emptyPage, serve } from './test-server.ts'

interface HeldFixtures {
  api: HeldApi
  /** Our page, calling `api` instead of the real one. */
  heldPageUrl: string
  /** Opens our page where it can be hidden; the test is skipped where that cannot be. */
  tabAt: (url: string) => Promise<Tab>
}

const test = base.extend<HeldFixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names from this pattern
  api: async ({}, use) => {
    const api = await serveHeldApi()
    await use(api)
    await api.close()
  },
  heldPageUrl: async ({ stack, api }, use) => {
    const page = await startAnotherPage(stack, { PINGTRACE_API_URL: api.url })
    await use(page.url)
    await page.stop()
  },
  tabAt: async ({ browser }, use) => {
    const tabs: Tab[] = []
    await use(async (url) => {
      const tab = await openTab(browser, url)
      test.skip(tab === undefined, 'the headless shell has no tabs that hide each other')
      tabs.push(tab!)
      const isThere = () => document.querySelector('.ping-button') !== null
      await expect.poll(() => tab!.evaluate(isThere)).toBe(true)
      return tab!
    })
    for (const tab of tabs) await tab.close()
  },
})

// As it is without anybody's tests.
test.use({ stackEnv: {} })

const ROUNDS = 20
const clientSpan = 'client operation [pingtrace-web client]'

/** The trace ids that leave the page, as the network sees them. */
function watchTraceIds(page: Page, traceIds: string[]): void {
  page.on('request', (request) => {
    const { traceparent } = request.headers()
    if (traceparent !== undefined) traceIds.push(traceparent.split('-')[1] ?? '')
  })
}

/**
 * Pings three times at once; resolves when the page shows the last answer, or goes on to another
 * page in that very task. In every second round no timer runs out any more: the batch and the pause
 * between two flushes would still wait, so that all but the first span have only the page's end to
 * leave by.
 */
async function pingThrice(page: Page, round: number, then?: 'navigate'): Promise<void> {
  const finished = page.evaluate(
    ({ then, stopTimers }) => {
      if (stopTimers) globalThis.setTimeout = (() => 0) as unknown as typeof setTimeout
      const buttons = [...document.querySelectorAll('button')]
      const ping = buttons.find(({ textContent }) => textContent === 'Ping')
      for (let click = 0; click < 3; click++) ping?.click()
      return new Promise<void>((resolve) => {
        const observer = new MutationObserver(() => {
          const calls = document.querySelector('[aria-label="Calls"] tbody')
          if (calls?.childElementCount !== 3 || calls.textContent?.includes('running')) return
          observer.disconnect()
          if (then === 'navigate') location.assign('about:blank')
          else resolve()
        })
        observer.observe(document.body, { childList: true, subtree: true, characterData: true })
      })
    },
    { then, stopTimers: round % 2 === 1 },
  )
  if (then === undefined) return finished
  // Nobody is left to say that it is finished.
  await Promise.all([page.waitForURL('about:blank'), finished.catch(() => undefined)])
}

/** As a person closes a tab: the page hears of it. */
async function close(page: Page): Promise<void> {
  const closed = page.waitForEvent('close')
  await page.close({ runBeforeUnload: true })
  await closed
}

async function expectAllFinished(stored: StoredTraces, traceIds: string[]): Promise<void> {
  expect(new Set(traceIds).size).toBe(3 * ROUNDS)
  for (const traceId of traceIds) {
    const spans = await stored.waitFor(traceId, pingShape)
    const client = spans.find(({ kind, parentSpanId }) => kind === 'client' && !parentSpanId)
    expect(client?.attributes).toMatchObject({ 'http.response.status_code': 200n })
    expect(client?.attributes).not.toHaveProperty('operation.interrupted')
  }
}

test('navigation right after pings loses no finished span, twenty times', async ({
  page,
  stored,
}) => {
  const traceIds: string[] = []
  watchTraceIds(page, traceIds)
  for (let round = 0; round < ROUNDS; round++) {
    await page.goto('/')
    await pingThrice(page, round, 'navigate')
  }
  await expectAllFinished(stored, traceIds)
})

test('closing the tab right after pings loses no finished span, twenty times', async ({
  context,
  stored,
}) => {
  const traceIds: string[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const page = await context.newPage()
    watchTraceIds(page, traceIds)
    await page.goto('/')
    await pingThrice(page, round)
    await close(page)
  }
  await expectAllFinished(stored, traceIds)
})

for (const how of ['navigate', 'close'] as const) {
  test(`an operation that is open when the page is left arrives, marked: ${how}`, async ({
    page,
    api,
    heldPageUrl,
    stored,
  }) => {
    await page.goto(heldPageUrl)
    const asked = api.asked()
    await new PingPage(page).pingButton.click()
    const traceId = await asked
    if (how === 'close') await close(page)
    else await page.goto('about:blank')

    const [span] = await stored.waitFor(traceId, clientSpan)
    expect(span?.attributes['operation.interrupted']).toBe(true)
    expect(span?.status.code).toBe('unset')
    expect(span?.attributes).not.toHaveProperty('http.response.status_code')
  })
}

test('hidden: what is finished leaves at once', async ({ tabAt, baseURL, stored }) => {
  const tab = await tabAt(baseURL ?? '')
  // Nothing else can make the second span leave: see pingAndLeave.
  await tab.evaluate(() => {
    globalThis.setTimeout = (() => 0) as unknown as typeof setTimeout
  })
  const [first = ''] = await pingIn(tab)
  await stored.waitFor(first, pingShape)
  const [second = ''] = await pingIn(tab)
  await expect.poll(async () => (await stored.spans(second)).length).toBe(5)

  await tab.hide()
  await stored.waitFor(second, pingShape)
})

test('a tab switch in mid-ping changes nothing', async ({ tabAt, api, heldPageUrl, stored }) => {
  const tab = await tabAt(heldPageUrl)
  const asked = api.asked()
  const pinged = pingIn(tab)
  const traceId = await asked
  await tab.hide()
  api.release()

  expect(await pinged).toEqual([traceId])
  const [span] = await stored.waitFor(traceId, clientSpan)
  expect(span?.attributes).toMatchObject({ 'http.response.status_code': 200n })
  expect(span?.attributes).not.toHaveProperty('operation.interrupted')
})

/** Clicks Ping, and resolves to the trace ids of all calls, the newest first, when none runs. */
async function pingIn(tab: Tab): Promise<string[]> {
  return tab.evaluate(async () => {
    const traces = () => [...document.querySelectorAll('[aria-label^="Show trace"]')]
    const before = traces().length
    document.querySelector<HTMLElement>('.ping-button')?.click()
    const over = () =>
      traces().length > before &&
      !document.querySelector('.call-log')?.textContent?.includes('running')
    await new Promise<void>((resolve) => {
      const observer = new MutationObserver(() => over() && resolve())
      observer.observe(document.body, { childList: true, subtree: true, characterData: true })
    })
    return traces().map(({ textContent }) => textContent ?? '')
  })
}

test.describe('back from the cache of the browser', () => {
  const withCache = test.extend<{ page: Page }>({
    page: async ({ playwright, launchOptions, baseURL }, use) => {
      // Playwright switches the cache off for its own pages.
      const ignoreDefaultArgs = ['--disable-back-forward-cache']
      const browser = await playwright.chromium.launch({ ...launchOptions, ignoreDefaultArgs })
      const page = await browser.newPage(baseURL === undefined ? {} : { baseURL })
      const anyPage = await serve(emptyPage)
      await page.goto(`http://localhost:${anyPage.port}`)
      const kept = await comesBackKept(page)
      await anyPage.close()
      test.skip(!kept, 'the headless shell keeps no page')
      await use(page)
      await browser.close()
    },
  })

  withCache('a page starts clean', async ({ page, stored }) => {
    const ping = new PingPage(page)
    await ping.open()
    const first = await ping.ping()
    await stored.waitFor(first, pingShape)

    expect(await comesBackKept(page)).toBe(true)
    await expect(ping.connection).toHaveText('Live: connected to the collector')
    const second = await ping.ping()
    expect(second).not.toBe(first)
    for (const span of await stored.waitFor(second, pingShape)) {
      expect(span.attributes).not.toHaveProperty('operation.interrupted')
    }
    await ping.expectWaterfall(asWaterfall(pingShape))
    // Nothing was added to what had ended.
    await stored.waitFor(first, pingShape)
  })

  withCache('what was cut stays cut', async ({ page, api, heldPageUrl, stored }) => {
    await page.goto(heldPageUrl)
    const ping = new PingPage(page)
    const firstAsked = api.asked()
    await ping.pingButton.click()
    const first = await firstAsked
    expect(await comesBackKept(page)).toBe(true)
    const [cut] = await stored.waitFor(first, clientSpan)
    expect(cut?.attributes['operation.interrupted']).toBe(true)
    // The answer comes all the same, and the span has long ended.
    api.release()
    await expect(ping.calls).not.toContainText('running…')

    const secondAsked = api.asked()
    await ping.pingButton.click()
    const second = await secondAsked
    api.release()
    const [whole] = await stored.waitFor(second, clientSpan)
    expect(whole?.attributes).toMatchObject({ 'http.response.status_code': 200n })
    expect(whole?.attributes).not.toHaveProperty('operation.interrupted')
    await stored.waitFor(first, clientSpan)
  })
})

/** @returns whether the page that came back is the one that was left, as it was */
async function comesBackKept(page: Page): Promise<boolean> {
  await page.evaluate(() => {
    addEventListener('pageshow', ({ persisted }) => Object.assign(globalThis, { persisted }))
  })
  await page.goto(new URL('/elsewhere', page.url()).href)
  // A page that was kept does not load again.
  await page.goBack({ waitUntil: 'commit' })
  return page.evaluate(() => Reflect.get(globalThis, 'persisted') === true)
}
