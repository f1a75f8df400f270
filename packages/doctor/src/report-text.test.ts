import { expect, test } from 'vitest'
import { moment, momentFrom } from './report-text.ts'

const noon = 1_795_521_600_000_000_000n

test('times are for people: a moment, and how far it is from another', () => {
  expect(moment(noon)).toBe('2026-11-24 12:00:00.000 UTC')
  expect(moment(noon + 12_345_678n)).toBe('2026-11-24 12:00:00.012345678 UTC')
  expect(momentFrom(noon, noon - 1_500_000n)).toBe('2026-11-24 11:59:59.9985 UTC, 1.5 ms earlier')
  expect(momentFrom(noon, noon + 3_600_000_000_000n)).toContain(', 1 h later')
  expect(momentFrom(noon, noon)).toContain(', at the same time')
})

test('what is no time says so', () => {
  expect(moment(0n)).toBe('not a time (0)')
  expect(moment(2n ** 64n)).toMatch(/^2554-/)
})
