import type { Span } from '@pingtrace/otlp'

/** Nanoseconds since the Unix epoch. */
export interface TimeRange {
  start: bigint
  end: bigint
}

/**
 * What is wrong with a span's times:
 * - `missing`: the sender left out the start or the end
 * - `reversed`: it ends before it starts
 * - `outside`: it starts or ends so far from the others that the trace's range leaves it out
 */
export type OddTimes = 'missing' | 'reversed' | 'outside'

/** Times this close belong together, whatever the others are: jobs may run for days. */
const weekNano = 7n * 24n * 3_600n * 1_000_000_000n

/** Beyond that: this many times as far from the middle as the middle 40 % of all times spread. */
const farFactor = 100n

/**
 * From the earliest start to the latest end; both 0 without spans. A time of 0 was left out by its
 * sender, and one sender's broken clock may say 1970 or the year 2554: on an axis that reached
 * there, all else would be a dot.
 */
export function timeRange(spans: readonly Span[]): TimeRange {
  const times = spans
    .flatMap(({ start, end }) => [start, end])
    .filter((time) => time !== 0n)
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  if (times.length === 0) return { start: 0n, end: 0n }
  const last = times.length - 1
  const middle = times[Math.floor(last / 2)]!
  const spread = times[Math.floor(last * 0.7)]! - times[Math.ceil(last * 0.3)]!
  const far = max(weekNano, farFactor * spread)
  const near = times.filter((time) => time >= middle - far && time <= middle + far)
  return { start: near[0]!, end: near.at(-1)! }
}

/** Undefined for a span whose times are as they should be. */
export function oddTimes({ start, end }: Span, range: TimeRange): OddTimes | undefined {
  if (start === 0n || end === 0n) return 'missing'
  if (end < start) return 'reversed'
  return start < range.start || end > range.end ? 'outside' : undefined
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
