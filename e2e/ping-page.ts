import type { SpanTree } from '@pingtrace/trace-oracle/playwright'
import { expect, type Locator, type Page } from '@playwright/test'

/** The page as a person finds it: by roles and words, never by its markup. */
export class PingPage {
  readonly page: Page
  readonly pingButton: Locator
  readonly result: Locator
  readonly calls: Locator
  readonly tree: Locator
  readonly recent: Locator
  readonly connection: Locator
  readonly behind: Locator

  constructor(page: Page) {
    this.page = page
    this.pingButton = page.getByRole('button', { name: 'Ping', exact: true })
    this.result = page.getByRole('region', { name: 'Ping', exact: true }).getByRole('status')
    this.calls = page.getByRole('region', { name: 'Calls' }).locator('tbody').getByRole('row')
    this.tree = page.getByRole('tree', { name: 'Spans of the trace' })
    this.recent = page.getByRole('region', { name: 'Recent traces' }).getByRole('listitem')
    this.connection = page.getByRole('banner').getByRole('status')
    this.behind = page.getByRole('banner').getByText(/^Behind the API/)
  }

  async open(path = '/'): Promise<void> {
    await this.page.goto(path)
    await expect(this.connection).toHaveText('Live: connected to the collector')
  }

  /** Clicks, waits until the call is over, and returns its trace id. */
  async ping(): Promise<string> {
    const before = await this.calls.count()
    await this.pingButton.click()
    await expect(this.calls).toHaveCount(before + 1)
    await expect(this.calls.first()).not.toContainText('running…')
    const [newest = ''] = await this.traceIds()
    return newest
  }

  /** Clicks so many times in one task, as nobody can by hand, and waits until all calls are over. */
  async pingAtOnce(times: number): Promise<void> {
    await this.pingButton.evaluate((button: HTMLButtonElement, clicks) => {
      for (let click = 0; click < clicks; click++) button.click()
    }, times)
    await expect(this.calls.filter({ hasText: '200' })).toHaveCount(times)
  }

  /** The trace ids of the calls, the newest first. */
  async traceIds(): Promise<string[]> {
    const buttons = this.calls.getByRole('button', { name: /^Show trace/ })
    return (await buttons.allTextContents()).map((text) => text.trim())
  }

  /** The injected carrier, as the page takes it apart. */
  async carrierPart(name: string): Promise<string> {
    const carrier = this.page.getByRole('region', { name: 'Injected carrier' })
    const part = carrier.locator('dt', { hasText: name }).locator('xpath=following-sibling::dd')
    return (await part.locator('code').textContent()) ?? ''
  }

  /** The waterfall as text: one row a line, indented by its level, without the durations. */
  async waterfall(): Promise<string> {
    const rows = await this.tree.getByRole('treeitem').evaluateAll((items) =>
      items.map((item) => ({
        level: Number(item.getAttribute('aria-level')),
        label: item.getAttribute('aria-label') ?? '',
      })),
    )
    return rows
      .map(({ level, label }) => {
        const [name, service, ...rest] = label.split(', ')
        const error = rest.includes('error') ? ' ERROR' : ''
        return `${'  '.repeat(level - 1)}${name} [${service}]${error}`
      })
      .join('\n')
  }

  /** @param tree with the children in the order in which they began */
  async expectWaterfall(tree: SpanTree): Promise<void> {
    await expect.poll(() => this.waterfall()).toBe(rowsOf(tree).join('\n'))
  }
}

function rowsOf({ name, service, error, children = [] }: SpanTree): string[] {
  const below = children.flatMap(rowsOf).map((row) => `  ${row}`)
  return [`${name} [${service}]${error ? ' ERROR' : ''}`, ...below]
}
