import { readFile } from 'node:fs/promises'
import type { OtlpSpan, TracesData } from '@pingtrace/otlp'
import type { Page } from '@playwright/test'
import { expect, overHttp, test } from './collector-alone.ts'
import { sendOrder } from './orders.ts'

const opened = (page: Page) => page.getByRole('region', { name: 'Opened file' })
const rows = (page: Page) => page.getByRole('treeitem')

const spansOf = ({ resourceSpans = [] }: TracesData): OtlpSpan[] =>
  resourceSpans.flatMap(({ scopeSpans = [] }) => scopeSpans.flatMap(({ spans = [] }) => spans))

/** Chooses a file as a person does: by the button, and in the browser's own dialog. */
async function choose(page: Page, name: string, text: string): Promise<void> {
  const dialog = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Open a file…' }).focus()
  await page.keyboard.press('Enter')
  await (await dialog).setFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) })
}

/** Lets go of a file over the page. */
async function drop(page: Page, name: string, text: string): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    ([fileName, content]) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([content!], fileName!))
      return transfer
    },
    [name, text],
  )
  await page.dispatchEvent('body', 'dragover', { dataTransfer })
  await expect(page.getByText('Drop a file of traces')).toBeVisible()
  await page.dispatchEvent('body', 'drop', { dataTransfer })
}

test('downloads a trace as OTLP, and shows it from the file where nothing is stored', async ({
  page,
  ports,
  complaints,
}) => {
  const traceId = await sendOrder(() => overHttp(ports))
  await page.goto(`/?trace=${traceId}`)
  await expect(rows(page)).toHaveCount(7)
  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download' }).click()
  const download = await downloading
  expect(download.suggestedFilename()).toBe(`trace-${traceId}.json`)
  const text = await readFile(await download.path(), 'utf8')
  expect(spansOf(JSON.parse(text) as TracesData)).toHaveLength(7)

  // The same order twice, as the Collector's file exporter would have written it, under other ids.
  const [one, other] = ['1', '2'].map((digit) => digit.repeat(32))
  const lines = [one, other].map((id) => text.replaceAll(traceId, id!))
  await drop(page, 'orders.jsonl', lines.join('\n'))
  await expect(opened(page)).toContainText('orders.jsonl2 traces, shown from the file')
  await expect(page.locator(`[data-trace-id="${one}"]`)).toBeVisible()
  await expect(rows(page)).toHaveCount(7)
  await opened(page).getByRole('listitem').nth(1).getByRole('link').click()
  await expect(page.locator(`[data-trace-id="${other}"]`)).toBeVisible()
  await page.getByRole('tab', { name: 'Flame graph' }).click()
  await expect(page.getByRole('tree', { name: 'Flame graph' }).getByRole('treeitem')).toHaveCount(5)

  await choose(page, 'mended.json', '{\n  "resourceSpans": [\n    { "scopeSpans": 7 }\n  ]\n}')
  await expect(opened(page).getByRole('alert')).toHaveText(
    'mended.json was not opened. Line 3: resourceSpans[0].scopeSpans must be a list',
  )
  await choose(page, 'cut.jsonl', `${lines[0]}\n${lines[1]!.slice(0, -20)}`)
  await expect(opened(page).getByRole('alert')).toContainText('Line 2: not JSON')
  await expect(page.locator(`[data-trace-id="${other}"]`)).toBeVisible()

  await opened(page).getByRole('button', { name: 'Close the file' }).click()
  await expect(opened(page)).toBeHidden()
  await expect(page.locator(`[data-trace-id="${other}"]`)).toBeHidden()
  expect(complaints).toEqual([])
})

test('opens what Jaeger downloads, and a copied link to a span', async ({
  page,
  ports,
  context,
}) => {
  const spans = ['a', 'b'].map((spanID, place) => ({
    traceID: 'abc',
    spanID,
    operationName: `step ${spanID}`,
    references: place === 0 ? [] : [{ refType: 'CHILD_OF', traceID: 'abc', spanID: 'a' }],
    startTime: 1_700_000_000_000_000 + place,
    duration: 100,
    tags: [{ key: 'note', type: 'string', value: '<img src=x onerror=alert(1)>' }],
    logs: [],
    processID: 'p1',
  }))
  const processes = { p1: { serviceName: 'old service', tags: [] } }
  await page.goto('/')
  await choose(
    page,
    'jaeger.json',
    JSON.stringify({ data: [{ traceID: 'abc', spans, processes }] }),
  )
  await expect(rows(page)).toHaveCount(2)
  await page.getByRole('treeitem', { name: /^step b/ }).click()
  const detail = page.getByRole('region', { name: 'step b' })
  await expect(detail).toContainText('<img src=x onerror=alert(1)>')

  const traceId = await sendOrder(() => overHttp(ports))
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto(`/?trace=${traceId}`)
  await page.getByRole('treeitem', { name: /^ask the bank/ }).click()
  await page.getByRole('button', { name: 'Copy link' }).click()
  await expect(page.getByRole('button', { name: 'Copy link' })).toHaveText('Copied')
  const link = await page.evaluate(() => navigator.clipboard.readText())
  const elsewhere = await context.newPage()
  await elsewhere.goto(link)
  await expect(elsewhere.getByRole('region', { name: 'ask the bank' })).toBeVisible()
  await expect(elsewhere.locator(`section[data-trace-id="${traceId}"]`)).toBeVisible()
})
