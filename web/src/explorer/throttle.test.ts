import { expect, it, onTestFinished, vi } from 'vitest'
import { throttle } from './throttle.ts'

it('runs at once, and once more after the pause for all that came in it', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  let runs = 0
  const { call, cancel } = throttle(() => {
    runs++
    return 250
  })
  call()
  expect(runs).toBe(1)
  call()
  call()
  expect(runs).toBe(1)
  vi.advanceTimersByTime(250)
  expect(runs).toBe(2)
  vi.advanceTimersByTime(1_000)
  expect(runs).toBe(2)
  call()
  expect(runs).toBe(3)
  call()
  cancel()
  vi.advanceTimersByTime(1_000)
  expect(runs).toBe(3)
})
