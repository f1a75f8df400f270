import { expect, it } from 'vitest'
import { connectionText, jaegerText, troubleText } from './stream-words.ts'

const page = { href: 'http://localhost:5174/?trace=1' }

it('tells a collector that is away from one that hangs, one that refuses and one that asks', () => {
  const texts = [
    connectionText({ state: 'away', reason: 'no answer' }, page),
    connectionText({ state: 'hung' }, page),
    connectionText({ state: 'refused' }, page),
    connectionText({ state: 'locked' }, page),
  ]
  expect(texts).toEqual([
    'The collector is away (no answer), reconnecting…',
    expect.stringMatching(/^The collector does not answer/),
    expect.stringMatching(/^The collector refuses this page/),
    'The collector asks for its query token',
  ])
})

it.each([
  ['http://localhost:5174/', 'http://localhost:5174', 'PINGTRACE_WEB_PORT=5174'],
  ['https://[::1]/', 'https://[::1]', 'PINGTRACE_WEB_PORT=443'],
  ['http://box.lan:5173/', 'http://box.lan:5173', 'Open the page as http://localhost:5173'],
])('says what lets %s in', (href, origin, mend) => {
  const text = connectionText({ state: 'refused' }, { href })
  expect(text).toContain(`${origin} is not on its list`)
  expect(text).toContain(mend)
})

it('has nothing to say while all is well', () => {
  expect(troubleText({ state: 'live' })).toBeUndefined()
  expect(troubleText({ state: 'connecting' })).toBeUndefined()
})

it('says of a Jaeger that it is polled, and what it said when it did not answer', () => {
  expect(jaegerText({ state: 'live' }, page)).toBe('Polling Jaeger every few seconds')
  const reason = 'Jaeger does not answer: refused'
  const away = { state: 'away', reason, isBehind: true } as const
  expect(jaegerText(away, page)).toContain('(Jaeger does not answer: refused)')
  expect(troubleText(away)).toBe(reason)
  // It is the collector between that is not there.
  const alone = { state: 'away', reason: 'no answer' } as const
  expect(jaegerText(alone, page)).toBe('The collector is away (no answer), reconnecting…')
  expect(troubleText(alone)).toBe('the collector is away')
  expect(jaegerText({ state: 'locked' }, page)).toBe('The collector asks for its query token')
})
