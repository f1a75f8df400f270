import { expect, test } from './fixtures.ts'

test('an order reserves, then charges, once', async ({ page, traces }) => {
  await page.goto('/')
  const trace = await traces.during('order tea and cups', () =>
    page.getByRole('button', { name: 'Order' }).click(),
  )

  await expect(page.getByText('Thank you for ordering tea and cups.')).toBeVisible()
  expect(trace).toMatchSpans({
    name: 'POST',
    service: 'shop-page',
    kind: 'client',
    attributes: { 'http.response.status_code': 200 },
    children: [
      {
        name: 'POST /orders',
        service: 'shop',
        kind: 'server',
        children: [{ name: 'reserve', attributes: { 'shop.items': 2 } }, { name: 'charge' }],
      },
    ],
  })
  expect(trace).toHaveAtMost(1, { name: 'charge' })
  expect(trace).toBeHealthy()
})
