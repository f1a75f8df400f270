import { readSpans } from '@pingtrace/otlp'
import type { SpanTree } from '@pingtrace/trace-oracle/playwright'
import type { BrowserContext, Page } from '@playwright/test'
import { startAnotherPage } from './another-page.ts'
import { test as base, expect } from './fixtures.ts'
import { type HeldApi, serveHeldApi } from './held-api.ts'
import { PingPage } from './ping-page.ts'
import { call, ping } from './spans.ts'
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

/** It has had its answer, and says so. */
function answered(span: SpanTree): SpanTree {
  const attributes = { 'http.response.status_code': 200, 'operation.interrupted': undefined }
  return { ...span, attributes }
}

/** Its page was left before the answer. */
const cut: SpanTree = {
  ...call(),
  attributes: { 'http.response.status_code': undefined, 'operation.interrupted': true },
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

test('navigation right after pings loses no finished span, twenty times', async ({
  page,
  traces,
}) => {
  const trace = await traces.during('ping and go on', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await page.goto('/')
      await pingThrice(page, round, 'navigate')
    }
  })
  expect(trace).toMatchSpans(Array(3 * ROUNDS).fill(answered(ping)))
})

test('closing the tab right after pings loses no finished span, twenty times', async ({
  context,
  traces,
}) => {
  const trace = await traces.during('ping and close', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const page = await context.newPage()
      await page.goto('/')
      await pingThrice(page, round)
      await close(page)
    }
  })
  expect(trace).toMatchSpans(Array(3 * ROUNDS).fill(answered(ping)))
})

for (const how of ['navigate', 'close'] as const) {
  test(`an operation that is open when the page is left arrives, marked: ${how}`, async ({
    page,
    api,
    heldPageUrl,
    traces,
  }) => {
    await page.goto(heldPageUrl)
    const trace = await traces.during(how, async () => {
      const asked = api.asked()
      await new PingPage(page).pingButton.click()
      await asked
      if (how === 'close') await close(page)
      else await page.goto('about:blank')
    })
    expect(trace).toMatchSpans(cut)
    expect(trace.spans[0]?.status.code).toBe('unset')
  })
}

test('hidden: what is finished leaves at once', async ({ tabAt, baseURL, collector, traces }) => {
  const tab = await tabAt(baseURL ?? '')
  // Nothing else can make the second span leave: see pingThrice.
  await tab.evaluate(() => {
    globalThis.setTimeout = (() => 0) as unknown as typeof setTimeout
  })
  const first = await traces.during('ping', async ({ alsoFollow }) => {
    alsoFollow(await pingIn(tab))
  })
  expect(first).toMatchSpans(answered(ping))

  const second = await traces.during('ping and hide', async ({ alsoFollow }) => {
    const traceId = await pingIn(tab)
    alsoFollow(traceId)
    const arrived = async () => readSpans((await collector.read(traceId)) ?? {}).length
    await expect.poll(arrived).toBe(5)
    await tab.hide()
  })
  expect(second).toMatchSpans(answered(ping))
})

test('a tab switch in mid-ping changes nothing', async ({ tabAt, api, heldPageUrl, traces }) => {
  const tab = await tabAt(heldPageUrl)
  const trace = await traces.during('ping and hide', async ({ alsoFollow }) => {
    const asked = api.asked()
    const pinged = pingIn(tab)
    alsoFollow(await asked)
    await tab.hide()
    api.release()
    expect(await pinged).toBe(await asked)
  })
  expect(trace).toMatchSpans(answered(call()))
})

/** Clicks Ping, and resolves to the call's trace id when it is over. */
async function pingIn(tab: Tab): Promise<string> {
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
    return traces()[0]?.textContent ?? ''
  })
}

test.describe('back from the cache of the browser', () => {
  const withCache = test.extend<{ context: BrowserContext }>({
    context: async ({ playwright, launchOptions, baseURL }, use) => {
      // Playwright switches the cache off for its own pages.
      const ignoreDefaultArgs = ['--disable-back-forward-cache']
      const browser = await playwright.chromium.launch({ ...launchOptions, ignoreDefaultArgs })
      const context = await browser.newContext(baseURL === undefined ? {} : { baseURL })
      const page = await context.newPage()
      const anyPage = await serve(emptyPage)
      await page.goto(`http://localhost:${anyPage.port}`)
      const kept = await comesBackKept(page)
      await anyPage.close()
      test.skip(!kept, 'the headless shell keeps no page')
      await page.close()
      await use(context)
      await browser.close()
    },
  })

  withCache('a page starts clean', async ({ page, collector, traces }) => {
    const app = new PingPage(page)
    await app.open()
    const first = await traces.during('ping', () => app.ping())
    expect(first).toMatchSpans(answered(ping))

    expect(await comesBackKept(page)).toBe(true)
    await expect(app.connection).toHaveText('Live: connected to the collector')
    const second = await traces.during('ping again', () => app.ping())
    expect(second).toMatchSpans(answered(ping))
    expect(second.traceIds).not.toEqual(first.traceIds)
    await app.expectWaterfall(ping)
    // Nothing was added to what had ended.
    expect(readSpans((await collector.read(first.traceIds[0]!)) ?? {})).toHaveLength(6)
  })

  withCache('what was cut stays cut', async ({ page, api, heldPageUrl, collector, traces }) => {
    await page.goto(heldPageUrl)
    const app = new PingPage(page)
    const first = await traces.during('ping, leave and come back', async () => {
      const asked = api.asked()
      await app.pingButton.click()
      await asked
      expect(await comesBackKept(page)).toBe(true)
      // The answer comes all the same, and the span has long ended.
      api.release()
      await expect(app.calls).not.toContainText('running…')
    })
    expect(first).toMatchSpans(cut)

    const second = await traces.during('ping again', async () => {
      const asked = api.asked()
      await app.pingButton.click()
      await asked
      api.release()
    })
    expect(second).toMatchSpans(answered(call()))
    expect(readSpans((await collector.read(first.traceIds[0]!)) ?? {})).toHaveLength(1)
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
