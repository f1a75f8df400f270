import fc from 'fast-check'
import { expect, it } from 'vitest'
import { TimeScale } from './time-scale.ts'

const now = Date.UTC(2026, 10, 26)

it('has few steps, which hold the same whatever the order', () => {
  const times = fc.array(fc.integer({ min: 0, max: 2 * now }), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(times, (millis) => {
      const forth = new TimeScale()
      const back = new TimeScale()
      for (const each of millis) forth.add(each)
      for (const each of millis.toReversed()) back.add(each)
      const time = forth.cover(undefined, undefined)
      expect(back.cover(undefined, undefined)).toEqual(time)
      expect((time.to - time.from) / time.stepMs).toBeLessThanOrEqual(64)
      // Of up to two hundred, none is a stray.
      expect(time.from).toBeLessThanOrEqual(Math.min(...millis))
      expect(time.to).toBeGreaterThan(Math.max(...millis))
    }),
  )
})

it('gives no room to the few whose clock is years off', () => {
  const scale = new TimeScale()
  scale.add(1_000)
  for (let i = 0; i < 1_000; i++) scale.add(now + i * 60)
  expect(scale.cover(undefined, undefined)).toEqual({ from: now, to: now + 60_000, stepMs: 1_000 })
})

it('covers what was asked for, in steps that are few', () => {
  const scale = new TimeScale()
  scale.add(now)
  const { from, to, stepMs } = scale.cover(now - 900_000, now + 1)
  expect(stepMs).toBe(16_000)
  expect(from).toBeLessThanOrEqual(now - 900_000)
  expect(to).toBeGreaterThan(now)
})
