import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

const compiled = [
  'examples/shop/playwright.config.ts',
  'examples/shop/tests/fixtures.ts',
  'examples/shop/tests/shop.spec.ts',
  'examples/shop/tests/orders.test.ts',
  'web/src/test-hook.ts',
].map(read)

const blocks = [...read('docs/oracle.md').matchAll(/^```ts\n(.*?)^```$/gms)].map(
  ([, code]) => code!,
)

test('there is code in the documentation', () => {
  expect(blocks.length).toBeGreaterThan(5)
})

test.each(blocks)('what the documentation shows is compiled: %s', (code) => {
  expect(compiled.some((file) => file.includes(code))).toBe(true)
})
