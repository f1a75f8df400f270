import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from '@playwright/test'
import { buildStale } from './build-stale.ts'
import { chromiumArgs, findChromium } from './chromium.ts'
import { freePorts } from './free-ports.ts'
import { root } from './paths.ts'
import { startStack } from './stack.ts'

// The pictures in docs/, made from the real application: node scripts/boot.mjs screenshots

/** A picture heavier than this does not belong into a repository, and fails. */
const limitBytes = 250_000

const pictures = [
  { file: 'docs/ping-light.png', width: 1280, height: 1080, colorScheme: 'light' },
  { file: 'docs/ping-dark.png', width: 1280, height: 1080, colorScheme: 'dark' },
  { file: 'docs/ping-narrow.png', width: 390, height: 1800, colorScheme: 'light' },
] as const

/** Of the viewer alone, on what the pings above left: the query asks for its view. */
const views = [
  { file: 'docs/viewer-light.png', query: '', shows: 'Complete as far as', colorScheme: 'light' },
  { file: 'docs/viewer-dark.png', query: '', shows: 'Complete as far as', colorScheme: 'dark' },
  { file: 'docs/map-light.png', query: '?view=map', shows: 'mongodb', colorScheme: 'light' },
  { file: 'docs/map-dark.png', query: '?view=map', shows: 'mongodb', colorScheme: 'dark' },
] as const

await buildStale()
const dataDir = await mkdtemp(join(tmpdir(), 'pingtrace-screenshots-'))
const stack = await startStack({
  ports: await freePorts(),
  dataDir,
  fromSource: false,
  onLine: () => undefined,
  onCrash: (name, how) => console.error(`pingtrace: the ${name} ended by itself (${how})`),
})
try {
  const { executablePath, env } = await findChromium()
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: chromiumArgs,
    env: { ...process.env, ...env } as Record<string, string>,
  })
  for (const picture of pictures) await take(browser, picture)
  for (const view of views) await takeView(browser, view)
  await browser.close()
} finally {
  await stack.stop()
  await rm(dataDir, { recursive: true, force: true })
}

async function take(browser: Browser, wanted: (typeof pictures)[number]): Promise<void> {
  const { file, width, height, colorScheme } = wanted
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme,
    reducedMotion: 'reduce',
  })
  await page.goto(`http://localhost:${stack.ports.web}`)
  await page.getByText('Live: connected to the collector').waitFor()
  const rows = page.getByRole('treeitem')
  // The first call pays for connections and cold code; the picture shows what everyday is like.
  for (let click = 0; click < 4; click++) {
    const before = await shownTrace()
    await page.getByRole('button', { name: 'Ping', exact: true }).click()
    await page.locator(`section[data-trace-id]:not([data-trace-id="${before}"])`).waitFor()
    await rows.nth(5).waitFor()
  }
  await rows.filter({ hasText: 'server redis operation' }).click()
  await page.getByRole('heading', { name: 'server redis operation' }).waitFor()
  // Opening a detail scrolls to it; the picture begins at the page's top. Rows are drawn where they are in sight.
  await page.evaluate('window.scrollTo(0, 0)')
  await rows.nth(5).waitFor()
  const picture = await page.screenshot({ animations: 'disabled' })
  await page.close()
  await keep(file, picture)

  /** Empty before the first. */
  async function shownTrace(): Promise<string> {
    const shown = page.locator('section[data-trace-id]')
    return (await shown.count()) === 0 ? '' : ((await shown.getAttribute('data-trace-id')) ?? '')
  }
}

async function takeView(browser: Browser, wanted: (typeof views)[number]): Promise<void> {
  const { file, query, shows, colorScheme } = wanted
  const page = await browser.newPage({
    viewport: { width: 1280, height: 900 },
    colorScheme,
    reducedMotion: 'reduce',
  })
  await page.goto(`http://localhost:${stack.ports.query}/${query}`)
  await page.getByText('Live: connected to the collector').waitFor()
  await page.getByText(shows).filter({ visible: true }).first().waitFor()
  const picture = await page.screenshot({ animations: 'disabled' })
  await page.close()
  await keep(file, picture)
}

async function keep(file: string, picture: Buffer): Promise<void> {
  console.log(`${file}: ${picture.length} bytes`)
  if (picture.length > limitBytes) throw new Error(`${file} is over ${limitBytes} bytes`)
  await writeFile(join(root, file), picture)
}
