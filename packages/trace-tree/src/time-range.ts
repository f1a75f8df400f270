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
const weekNano = 7 * 24 * 3_600 * 1e9

/** Beyond that: this many times as far from the middle as the middle 40 % of all times spread. */
const farFactor = 100

/**
 * From the earliest start to the latest end; both 0 without spans. A time of 0 was left out by its
 * sender, and one sender's broken clock may say 1970 or the year 2554: on an axis that reached
 * there, all else would be a dot.
 */
export function timeRange(spans: readonly Span[]): TimeRange {
  const times: bigint[] = []
  for (const { start, end } of spans) {
    if (start !== 0n) times.push(start)
    if (end !== 0n) times.push(end)
  }
  if (times.length === 0) return { start: 0n, end: 0n }
  // Numbers are off by a quarter of a microsecond at most, where weeks matter, and sort natively.
  const sorted = Float64Array.from(times, Number).sort()
  const last = sorted.length - 1
  const middle = sorted[Math.floor(last / 2)]!
  const spread = sorted[Math.floor(last * 0.7)]! - sorted[Math.ceil(last * 0.3)]!
  const far = Math.max(weekNano, farFactor * spread)
  const from = sorted.find((time) => time >= middle - far)!
  const to = sorted.findLast((time) => time <= middle + far)!
  return exactRange(times, from, to)
}

/** Of the times that lie between two rough ones, the first and the last. */
function exactRange(times: readonly bigint[], from: number, to: number): TimeRange {
  let start: bigint | undefined
  let end: bigint | undefined
  for (const time of times) {
    const rough = Number(time)
    if (rough === from && (start === undefined || time < start)) start = time
    if (rough === to && (end === undefined || time > end)) end = time
  }
  return { start: start!, end: end! }
}

/** Undefined for a span whose times are as they should be. */
export function oddTimes({ start, end }: Span, range: TimeRange): OddTimes | undefined {
  if (start === 0n || end === 0n) return 'missing'
  if (end < start) return 'reversed'
  return start < range.start || end > range.end ? 'outside' : undefined
}

export function earlier(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

export function later(a: bigint, b: bigint): bigint {
  return a < b ? b : a
}
