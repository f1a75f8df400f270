import { openTraces, type Traces } from '@pingtrace/trace-oracle/vitest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Shop, startShop } from '../src/shop.ts'

let traces: Traces
let shop: Shop
beforeAll(async () => {
  traces = await openTraces()
  shop = await startShop(traces.collector.otlpHttpUrl)
})
afterAll(async () => {
  await shop.stop()
  await traces.close()
})

test('an order reserves and charges', async () => {
  const trace = await traces.during('order tea', ({ headers }) =>
    fetch(`${shop.url}/orders`, { method: 'POST', headers, body: '{"items":["tea"]}' }),
  )
  expect(trace.shape()).toBe(
    `
POST /orders [shop server]
  charge [shop internal]
  reserve [shop internal]
`.trim(),
  )
})
