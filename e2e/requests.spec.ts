import { expect, overHttp, sendTrace, test } from './collector-alone.ts'
import { emptyPage, serve } from './test-server.ts'

test.use({
  launchOptions: async ({ launchOptions }, use) => {
    const rule = '--host-resolver-rules=MAP shop.example 127.0.0.1'
    await use({ ...launchOptions, args: [...(launchOptions.args ?? []), rule] })
  },
})

test('what came is listed live, and a page that was refused finds out why here', async ({
  page,
  context,
  ports,
}) => {
  await page.goto('/?view=requests')
  const list = page.getByRole('region', { name: 'Requests that came' })
  await expect(list).toContainText('Nothing has come')
  await sendTrace('shop', overHttp(ports))
  await expect(list.getByRole('row', { name: /HTTP, JSON shop .*1 span.*accepted/ })).toHaveCount(2)

  // A page of another name than this machine's.
  const stranger = await serve(emptyPage)
  const there = await context.newPage()
  await there.goto(`http://shop.example:${stranger.port}/`)
  const reason = await there.evaluate(
    (url) =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      }).then(
        () => 'sent',
        (error: Error) => error.name,
      ),
    `http://localhost:${ports.otlpHttp}/v1/traces`,
  )
  expect(reason).toBe('TypeError')
  await page.bringToFront()
  const refused = list.getByRole('row', { name: /http:\/\/shop\.example:\d+ preflight/ })
  await expect(refused).toContainText('refused (403)')
  await expect(refused).toContainText('list the origin in the cors section')
  await list.getByRole('button', { name: 'Only what was not accepted' }).click()
  await expect(list.locator('tbody').getByRole('row')).toHaveCount(1)
  await stranger.close()
})
