import { makeSpan } from '@pingtrace/otlp/test-support'
import { describe, expect, it } from 'vitest'
import { oddTimes, timeRange } from './time-range.ts'
import { buildTraceTree } from './trace-tree.ts'

const now = 1_795_000_000_000_000_000n
const ms = 1_000_000n
const day = 86_400_000n * ms
const maxTime = 2n ** 64n - 1n

const span = (spanId: string, start: bigint, end: bigint) => makeSpan({ spanId, start, end })
const ping = [
  span('a', now, now + 50n * ms),
  span('b', now + 5n * ms, now + 45n * ms),
  span('c', now + 9n * ms, now + 20n * ms),
]

describe('timeRange', () => {
  it.each([
    ['end in the year 2554', span('z', now + 1n * ms, maxTime)],
    ['start in 1970', span('z', 5n, now + 10n * ms)],
    ['both a year ago', span('z', now - 365n * day, now - 365n * day + ms)],
  ])('leaves out a span with its %s', (_what, odd) => {
    expect(timeRange([...ping, odd])).toEqual({ start: now, end: now + 50n * ms })
    const tree = buildTraceTree([...ping, odd])
    expect(tree.oddTimes).toBe(1)
    expect(tree.roots.find(({ id }) => id === 'z')?.oddTimes).toBe('outside')
  })

  it('takes a trace of days for what it is', () => {
    const job = [...ping, span('j', now, now + 3n * day)]
    expect(timeRange(job)).toEqual({ start: now, end: now + 3n * day })
    expect(buildTraceTree(job).oddTimes).toBe(0)
  })

  it('takes one of months too, when its spans are spread over them', () => {
    const job = Array.from({ length: 20 }, (_, n) =>
      span(`${n}`, now + BigInt(n) * 10n * day, now + BigInt(n + 1) * 10n * day),
    )
    expect(timeRange(job)).toEqual({ start: now, end: now + 200n * day })
  })

  it('shortens even a span that is alone', () => {
    expect(timeRange([span('a', now, maxTime)])).toEqual({ start: now, end: now })
  })
})

describe('oddTimes', () => {
  const range = { start: 100n, end: 200n }

  it.each([
    [undefined, 100n, 200n],
    [undefined, 150n, 150n],
    ['missing', 0n, 150n],
    ['missing', 150n, 0n],
    ['reversed', 150n, 149n],
    ['outside', 99n, 150n],
    ['outside', 150n, 201n],
  ])('is %s from %d to %d', (odd, start, end) => {
    expect(oddTimes(span('a', start, end), range)).toBe(odd)
  })
})
