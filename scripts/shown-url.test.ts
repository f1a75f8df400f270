import { expect, test } from 'vitest'
import { shownUrl } from './shown-url.ts'

test.each([
  ['redis://127.0.0.1:6379', 'redis://127.0.0.1:6379'],
  ['rediss://reader:s3cret@cache.test:6380/2', 'rediss://cache.test:6380/2'],
  ['redis://[::1]:6379/0?password=s3cret', 'redis://[::1]:6379/0'],
  ['mongodb+srv://u:s3cret@db.test/app?authToken=s3cret', 'mongodb+srv://db.test/app'],
  ['mongodb://u:s3cret@a.test:1,b.test:2/app?replicaSet=r', 'mongodb://a.test:1,b.test:2/app'],
  ['https://otlp.test/v1/traces?key=s3cret#s3cret', 'https://otlp.test/v1/traces'],
])('%s', (text, shown) => {
  expect(shownUrl(text)).toBe(shown)
})

test.each([
  ['mongodb://u:s3/cret@db.test/app', 'mongodb://…'],
  ['mongodb://u:12?s3cret@db.test/app', 'mongodb://…'],
  ['mongodb://u:s3@cret@db.test/app', 'mongodb://…'],
  ['mongodb://db.test/?x=a@s3cret', 'mongodb://…'],
  ['s3cret', '…'],
])('what is not written as a URL is not shown: %s', (text, shown) => {
  expect(shownUrl(text)).toBe(shown)
})
