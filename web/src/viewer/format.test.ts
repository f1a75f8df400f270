import { afterEach, describe, expect, it } from 'vitest'
import {
  bothTimes,
  count,
  formatArrival,
  formatDuration,
  formatExactTime,
  formatOffset,
  formatRough,
  formatTick,
  formatTimestamp,
} from './format.ts'
import { chooseTimeZone, isUtc, restoreTimeZone } from './time-zone.ts'

describe('formatRough', () => {
  it.each([
    [4_000_000n, '4 ms'],
    [3_200_000_000n, '3.2 s'],
    [42_400_000_000n, '42 s'],
    [28_799_999_000_000n, '8 h'],
    [3_599_900_000_000n, '1 h'],
    [5_400_000_000_000n, '1.5 h'],
    [864_000_000_000_000n, '10 d'],
  ])('%d ns is %s', (nanos, text) => {
    expect(formatRough(nanos)).toBe(text)
  })
})

describe('formatDuration', () => {
  it.each([
    [0n, '0 ns'],
    [999n, '999 ns'],
    [1_000n, '1.00 µs'],
    [123_456n, '123 µs'],
    [999_499n, '999 µs'],
    [999_600n, '1.00 ms'],
    [12_345_678n, '12.3 ms'],
    [1_234_567_890n, '1.23 s'],
    [59_990_000_000n, '60.0 s'],
    [125_000_000_000n, '2 min 5 s'],
    [3_600_000_000_000n, '1 h 0 min'],
    [90_000_000_000_000n, '1 d 1 h'],
    [2n ** 64n - 1n, '584 years'],
    [-6_000_000n, '−6.00 ms'],
  ])('writes %d ns as %s', (nanos, text) => {
    expect(formatDuration(nanos)).toBe(text)
  })
})

describe('formatOffset', () => {
  it('has a sign either way', () => {
    expect(formatOffset(1_500n)).toBe('+1.50 µs')
    expect(formatOffset(-1_500n)).toBe('−1.50 µs')
  })
})

describe('formatTick', () => {
  it.each([
    [0n, '0'],
    [20_000_000n, '20 ms'],
    [5_000_000n, '5 ms'],
    [2_500n, '2.5 µs'],
    [500_000_000n, '500 ms'],
    [120_000_000_000n, '2 min 0 s'],
  ])('writes %d ns as %s', (nanos, text) => {
    expect(formatTick(nanos)).toBe(text)
  })
})

describe('formatTimestamp', () => {
  it('is local time to the millisecond', () => {
    const date = new Date(2026, 10, 23, 9, 15, 2, 123)
    const text = formatTimestamp(BigInt(date.getTime()) * 1_000_000n + 456n)
    expect(text).toContain('2026')
    expect(text).toMatch(/15.02.123/)
  })

  it.each([0n, 2n ** 64n, -(2n ** 63n), 9n * 10n ** 27n])('does not throw on %d', (nanos) => {
    expect(formatTimestamp(nanos)).not.toBe('')
  })
})

describe('formatExactTime', () => {
  it('loses no nanosecond', () => {
    expect(formatExactTime(1_700_000_000_012_345_678n)).toBe('2023-11-14T22:13:20.012345678Z')
    expect(formatExactTime(2n ** 64n - 1n)).toBe('2554-07-21T23:34:33.709551615Z')
  })

  it.each([0n, -1n, 9n * 10n ** 27n])('has no word for %d', (nanos) => {
    expect(formatExactTime(nanos)).toBeUndefined()
  })
})

describe('formatArrival', () => {
  const noon = new Date(2026, 10, 23, 12, 0, 0)

  it('gives the time alone for today, and the date for any other day', () => {
    expect(formatArrival(noon.getTime(), noon)).not.toContain('2026')
    expect(formatArrival(noon.getTime() - 86_400_000, noon)).toContain('2026')
  })
})

describe('in UTC', () => {
  afterEach(() => chooseTimeZone(false, { setItem: () => undefined }))

  it('writes times so, and takes up what was chosen before', () => {
    let stored = ''
    chooseTimeZone(true, { setItem: (_key, value) => (stored = value) })
    const millis = Date.UTC(2026, 10, 26, 23, 59, 30)
    expect(formatArrival(millis, new Date(millis))).toMatch(/^(11|23):59:30/)
    expect(formatArrival(millis, new Date(millis + 60_000))).toContain('2026')
    expect(formatTimestamp(BigInt(millis) * 1_000_000n)).toMatch(/59:30\.000.* UTC$/)
    expect(bothTimes(millis)).toMatch(/ local, .*59:30\.000.* UTC$/)
    chooseTimeZone(false, { setItem: () => undefined })
    restoreTimeZone({ getItem: () => stored })
    expect(isUtc()).toBe(true)
  })
})

describe('count', () => {
  it('knows one from many', () => {
    expect([count(0, 'span'), count(1, 'span'), count(2, 'span')]).toEqual([
      '0 spans',
      '1 span',
      '2 spans',
    ])
  })
})
