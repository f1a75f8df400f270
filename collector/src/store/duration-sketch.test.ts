import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DurationSketch } from './duration-sketch.ts'

const durations = fc.array(fc.double({ min: 1, max: 2 ** 64, noNaN: true }), { minLength: 1 })
const quantile = fc.double({ min: 0, max: 1, noNaN: true })

it('answers every quantile within its error, however it was put together', () => {
  fc.assert(
    fc.property(durations, durations, quantile, (some, more, q) => {
      const sketch = new DurationSketch(0.01)
      const other = new DurationSketch(0.01)
      for (const nanos of some) sketch.add(nanos)
      for (const nanos of more) other.add(nanos)
      sketch.merge(other)
      const sorted = [...some, ...more].sort((a, b) => a - b)
      const exact = sorted[Math.max(1, Math.ceil(sorted.length * q)) - 1]!
      expect(sketch.count).toBe(sorted.length)
      expect(Math.abs(sketch.quantile(q) / exact - 1)).toBeLessThan(0.010_001)
    }),
  )
})

it('takes what is no duration for none at all', () => {
  const sketch = new DurationSketch(0.01)
  expect(sketch.quantile(0.5)).toBe(0)
  for (const nanos of [-1, 0, Number.NaN, 1_000]) sketch.add(nanos)
  expect(sketch.quantile(0.75)).toBe(0)
  expect(sketch.quantile(1)).toBeCloseTo(1_000, -2)
})
