import { expect, test } from 'vitest'
import type { Call } from './call.ts'
import { formatBytes, formatMillis, isNews } from './words.ts'

const call = (state: Call['state'], auto: boolean): Call => ({
  id: 1,
  auto,
  url: 'http://api.test/ping',
  state,
  traceId: '1'.repeat(32),
  spanId: '2'.repeat(16),
  carrier: {},
})

test('durations are written as in the waterfall', () => {
  expect(formatMillis(131.1)).toBe('131 ms')
  expect(formatMillis(7.854)).toBe('7.85 ms')
})

test('bytes know one from many', () => {
  expect([formatBytes(1), formatBytes(2)]).toEqual(['1 byte', '2 bytes'])
})

test.each([
  ['nothing yet', true, []],
  ['a ping by hand', true, [call('running', false), call('done', true)]],
  ['another ping that went well', false, [call('done', true), call('done', true)]],
  ['one that has just begun', false, [call('running', true), call('done', true)]],
  ['the first failure', true, [call('failed', true), call('done', true)]],
  ['the next failure', false, [call('failed', true), call('failed', true)]],
])('%s: news is %s', (_what, news, calls) => {
  expect(isNews(calls)).toBe(news)
})
