import { expect, it, onTestFinished, vi } from 'vitest'
import { Backoff, defaultRetry } from './retry.ts'

const hour = 3_600_000

/** The pauses of so much time in which every attempt fails at once. */
function pausesIn(time: number, backoff: Backoff): (number | undefined)[] {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  const pauses: (number | undefined)[] = []
  for (let passed = 0; passed < time; ) {
    const pause = backoff.next()
    pauses.push(pause)
    if (pause === undefined) break
    vi.advanceTimersByTime(pause)
    passed += Math.floor(pause)
  }
  return pauses
}

it('goes on for an hour and longer, at the longest every ten seconds, and soon after a success', () => {
  const backoff = new Backoff(defaultRetry)
  const pauses = pausesIn(2 * hour, backoff)
  expect(pauses).not.toContain(undefined)
  const longest = Math.max(...pauses.map(Number))
  expect(longest).toBeLessThanOrEqual(10_000)
  // A quarter of an hour in, nobody is asked more often than every five seconds.
  expect(Math.min(...pauses.slice(100).map(Number))).toBeGreaterThanOrEqual(5_000)
  expect(pauses.length).toBeLessThan(2_000)
  backoff.reset()
  expect(backoff.next()).toBeLessThanOrEqual(300)
})

it('is not in step with others', () => {
  const first = pausesIn(hour, new Backoff(defaultRetry))
  const second = pausesIn(hour, new Backoff(defaultRetry))
  expect(first.slice(0, 50)).not.toEqual(second.slice(0, 50))
})

it('gives up after as long as it was told to, or at once', () => {
  const pauses = pausesIn(hour, new Backoff({ ...defaultRetry, maxElapsedTimeMs: 60_000 }))
  expect(pauses.at(-1)).toBeUndefined()
  expect(pauses.length).toBeLessThan(40)
  expect(new Backoff({ ...defaultRetry, enabled: false }).next()).toBeUndefined()
})
