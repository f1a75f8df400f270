import { test as base } from '@pingtrace/trace-oracle/playwright'
import { type Shop, startShop } from '../src/shop.ts'

export { expect } from '@pingtrace/trace-oracle/playwright'

export const test = base.extend<object, { shop: Shop }>({
  shop: [
    async ({ collector }, use) => {
      const shop = await startShop(collector.otlpHttpUrl)
      await use(shop)
      await shop.stop()
    },
    { scope: 'worker' },
  ],
  baseURL: ({ shop }, use) => use(shop.url),
  traceServices: ({ shop }, use) => use({ instrumented: [shop.url] }),
})
