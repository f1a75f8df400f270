import { describe, expect, it } from 'vitest'
import { makeAxis, placeBar, placeMoments, placeParts } from './axis.ts'

const ms = 1_000_000n

describe('makeAxis', () => {
  it('puts ticks at round times', () => {
    const { ticks } = makeAxis(5n, 5n + 83n * ms)
    expect(ticks.map(({ offset }) => offset / ms)).toEqual([0n, 20n, 40n, 60n, 80n])
    expect(ticks[1]?.percent).toBeCloseTo(24.096, 2)
  })

  it('has a length even where all times are one', () => {
    expect(makeAxis(7n, 7n).length).toBe(1n)
    expect(makeAxis(7n, 3n).length).toBe(1n)
  })

  it('has few ticks, all of them on the axis, for any length', () => {
    for (let power = 1n; power < 2n ** 64n; power *= 10n) {
      for (const factor of [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n]) {
        const { ticks } = makeAxis(0n, power * factor)
        expect(ticks.length).toBeGreaterThanOrEqual(2)
        expect(ticks.length).toBeLessThanOrEqual(7)
        expect(ticks.every(({ percent }) => percent >= 0 && percent <= 100)).toBe(true)
      }
    }
  })
})

describe('placeBar', () => {
  const axis = makeAxis(1_000n, 2_000n)

  it('measures against the axis', () => {
    expect(placeBar(axis, 1_250n, 1_750n)).toEqual({ left: 25, width: 50 })
  })

  it.each([
    ['begins and ends outside', 0n, 9_000n, { left: 0, width: 100 }],
    ['lies before it', 0n, 10n, { left: 0, width: 0 }],
    ['lies behind it', 3_000n, 4_000n, { left: 100, width: 0 }],
    ['ends before it starts', 1_500n, 1_100n, { left: 50, width: 0 }],
  ])('keeps a span that %s on the axis', (_what, start, end, place) => {
    expect(placeBar(axis, start, end)).toEqual(place)
  })
})

describe('placeBar, in a section', () => {
  const section = makeAxis(1_000n, 2_000n, true)

  it.each([
    ['before', 0n, 900n, { left: -10, width: 0 }],
    ['behind', 2_100n, 9_000n, { left: 110, width: 0 }],
    ['around', 0n, 9_000n, { left: -10, width: 120 }],
  ])('puts what lies %s it out of sight', (_what, start, end, place) => {
    expect(placeBar(section, start, end)).toEqual(place)
  })
})

describe('placeParts', () => {
  const axis = makeAxis(0n, 1_000_000n)

  it('joins what could not be told apart, and nothing else', () => {
    const parts = [
      { start: 0n, end: 100_000n },
      { start: 100_100n, end: 200_000n },
      { start: 300_000n, end: 400_000n },
    ]
    expect(placeParts(axis, parts)).toEqual([
      { left: 0, width: 20 },
      { left: 30, width: 10 },
    ])
  })

  it('comes to few, however many there are', () => {
    const parts = Array.from({ length: 100_000 }, (_, n) => ({
      start: BigInt(n) * 10n,
      end: BigInt(n) * 10n + 1n,
    }))
    expect(placeParts(axis, parts).length).toBeLessThan(2_100)
    expect(
      placeMoments(
        axis,
        parts.map(({ start }) => start),
      ).length,
    ).toBeLessThan(2_100)
  })
})
