import type { Page } from '@playwright/test'
import { expect, overHttp, test } from './collector-alone.ts'
import { sendOrder } from './orders.ts'

const tab = (page: Page, name: string) => page.getByRole('tab', { name })
const panel = (page: Page) => page.getByRole('tabpanel')

test('sums the spans up, by keyboard alone, and a link shows it again', async ({
  page,
  ports,
  complaints,
}) => {
  const traceId = await sendOrder(() => overHttp(ports))
  await page.goto(`/?trace=${traceId}`)
  await expect(page.getByRole('treeitem')).toHaveCount(7)

  await tab(page, 'Waterfall').focus()
  await page.keyboard.press('End')
  await page.keyboard.press('Home')
  while (!(await tab(page, 'Statistics').evaluate((each) => each === document.activeElement))) {
    await page.keyboard.press('ArrowRight')
  }
  await page.keyboard.press('Enter')
  const rows = panel(page).getByRole('table').locator('tbody').getByRole('row')
  await expect(rows).toHaveCount(5)
  await expect(rows.filter({ hasText: 'look at stock' })).toContainText(
    '3030.0 ms30.0 ms 35.2 %10.0 ms',
  )
  await panel(page).getByRole('button', { name: 'Total' }).focus()
  await page.keyboard.press('Enter')
  await expect(rows.first()).toContainText('place order')
  await expect(panel(page).getByRole('columnheader', { name: 'Total' })).toHaveAttribute(
    'aria-sort',
    'descending',
  )
  await panel(page).getByRole('radio', { name: 'service', exact: true }).check()
  await expect(rows).toHaveCount(2)

  // The link as it would be copied.
  await page.goto(page.url())
  await expect(tab(page, 'Statistics')).toHaveAttribute('aria-selected', 'true')
  await expect(rows).toHaveCount(5)
  await panel(page).getByRole('button', { name: 'show the slowest ask the bank' }).click()
  await expect(tab(page, 'Waterfall')).toHaveAttribute('aria-selected', 'true')
  await expect(page.getByRole('region', { name: 'ask the bank' })).toBeFocused()
  expect(complaints).toEqual([])
})
