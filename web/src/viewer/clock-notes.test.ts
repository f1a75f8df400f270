import type { OtlpSpan, TraceSummary } from '@pingtrace/otlp'
import { describe, expect, it } from 'vitest'
import { clockNote, seemsSkewed } from './clock-notes.ts'
import { wireSpan } from './span.test-support.ts'

const now = 1_795_000_000_000
const hour = 3_600_000

/** A span that began so many milliseconds from now, and took 10. */
const span = (fromNow: number, known: OtlpSpan, service: string) =>
  wireSpan(
    {
      startTimeUnixNano: `${now + fromNow}000000`,
      endTimeUnixNano: `${now + fromNow + 10}000000`,
      ...known,
    },
    service,
  )
const status = { key: 'http.response.status_code', value: { intValue: '200' } }
const client = (fromNow: number, isBrowser = true) => {
  const call = span(fromNow, { spanId: 'c', kind: 3, attributes: [status] }, 'web')
  if (isBrowser) {
    call.resource!.attributes!.push({ key: 'browser.language', value: { stringValue: 'en' } })
  }
  return call
}
const server = (fromNow: number) =>
  span(fromNow, { spanId: 's', parentSpanId: 'c', kind: 2 }, 'api')

const note = (...resourceSpans: ReturnType<typeof span>[]) => clockNote({ resourceSpans }, now)

describe('clockNote', () => {
  it('names the clock that is off by most, as measured', () => {
    expect(note(client(-8 * hour), server(-10))).toBe('browser clock −8 h')
    expect(note(client(3_200), server(-10))).toBe('browser clock +3.2 s')
    expect(note(client(-20, false), server(2 * hour))).toBe('api clock +2 h')
  })

  it('is nothing where the clocks agree, however late they came', () => {
    expect(note(client(-20), server(-18))).toBeUndefined()
    expect(note(server(-8 * hour))).toBeUndefined()
  })

  it('knows of one clock alone that it is ahead, and of a browser’s that it may be behind', () => {
    expect(note(server(hour))).toBe('clock +1 h')
    expect(note(client(-8 * hour))).toBe('browser clock −8 h, or sent late')
  })
})

describe('seemsSkewed', () => {
  const summary = (start: number, ms: number): TraceSummary => ({
    traceId: '1',
    name: '',
    service: '',
    hasRoot: true,
    services: [],
    spanCount: 1,
    errorCount: 0,
    startTimeUnixNano: `${now + start}000000`,
    durationNano: `${ms}000000`,
    arrivedAt: now,
  })

  it.each([
    ['ended just before it came', -100, 90, false],
    ['was batched', -5_100, 90, false],
    ['ends in the future', -100, 2_000, true],
    ['began hours ago', -8 * hour, 8 * hour, true],
  ])('of one that %s', (_what, start, ms, expected) => {
    expect(seemsSkewed(summary(start, ms))).toBe(expected)
  })
})
