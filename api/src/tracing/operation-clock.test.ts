import { ROOT_CONTEXT } from '@opentelemetry/api'
import { expect, test } from 'vitest'
import { clockOf, withClock } from './operation-clock.ts'

const nanos = ([seconds, rest]: [number, number]) => BigInt(seconds) * 1_000_000_000n + BigInt(rest)

test('times never go backwards and stay well-formed', () => {
  const clock = clockOf(withClock(ROOT_CONTEXT))
  const readings = Array.from({ length: 20_000 }, () => clock.now())
  const malformed = readings.filter((at) => !at.every(Number.isInteger) || at[1] >= 1e9)
  expect(malformed).toEqual([])
  const backwards = readings.filter((at, i) => nanos(at) < nanos(readings[i - 1] ?? [0, 0]))
  expect(backwards).toEqual([])
})

test('the time is the time of day, to the sub-millisecond', () => {
  const before = BigInt(Date.now()) * 1_000_000n
  const clock = clockOf(withClock(ROOT_CONTEXT))
  const readings = Array.from({ length: 1_000 }, () => nanos(clock.now()))
  const after = BigInt(Date.now() + 1) * 1_000_000n
  expect(readings.every((at) => at >= before && at <= after)).toBe(true)
  expect(readings.some((at) => at % 1_000_000n !== 0n)).toBe(true)
})

test('an operation keeps its clock, another operation gets its own', () => {
  const operation = withClock(ROOT_CONTEXT)
  expect(withClock(operation)).toBe(operation)
  expect(clockOf(operation)).toBe(clockOf(operation))
  expect(clockOf(withClock(ROOT_CONTEXT))).not.toBe(clockOf(operation))
})
