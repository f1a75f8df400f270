import { expect, test } from '@pingtrace/trace-oracle/playwright'

test('an order is taken by the shop', async ({ page, traces }) => {
  await page.goto('/')
  const trace = await traces.during('order', () => page.getByRole('button').click())
  expect(trace).toMatchSpans({
    name: 'POST',
    service: 'shop-page',
    children: [{ name: 'POST /orders', service: 'shop', otherChildren: true }],
  })
})

test('every order is charged once, whoever else orders at the same time', async ({
  page,
  traces,
}) => {
  await page.goto('/')
  for (const name of ['the first order', 'the second order']) {
    const trace = await traces.during(name, () => page.getByRole('button').click())
    expect(trace.all({ name: 'charge' })).toHaveLength(1)
    expect(trace).toBeHealthy()
  }
})
