/** What a bar's place is measured against; nanoseconds. */
export interface Axis {
  start: bigint
  /** Never 0, so that it can be divided by. */
  length: bigint
  ticks: { offset: bigint; percent: number }[]
}

/** At most this many intervals: labels of some 60 pixels must fit side by side. */
const maxIntervals = 5n

/** The time axis of a trace, with ticks at round times. */
export function makeAxis(start: bigint, end: bigint): Axis {
  const length = end > start ? end - start : 1n
  const step = roundStep(length)
  const ticks: Axis['ticks'] = []
  for (let offset = 0n; offset <= length; offset += step) {
    ticks.push({ offset, percent: percentOf(offset, length) })
  }
  return { start, length, ticks }
}

/**
 * Where a span lies on the axis, in percent of its width. Spans that begin or end outside of it
 * (times left out by their sender) are clamped to its edges.
 */
export function placeBar(axis: Axis, start: bigint, end: bigint): { left: number; width: number } {
  const left = clamp(percentOf(start - axis.start, axis.length))
  const right = clamp(percentOf(end - axis.start, axis.length))
  return { left, width: Math.max(0, right - left) }
}

/** The smallest of 1, 2, 5, 10, 20, 50, ... that cuts the length into few enough intervals. */
function roundStep(length: bigint): bigint {
  for (let power = 1n; ; power *= 10n) {
    for (const factor of [1n, 2n, 5n]) {
      if (length / (power * factor) <= maxIntervals) return power * factor
    }
  }
}

/** To a thousandth of a percent; the integers are too large for floating point. */
function percentOf(part: bigint, whole: bigint): number {
  return Number((part * 100_000n) / whole) / 1_000
}

function clamp(percent: number): number {
  return Math.min(100, Math.max(0, percent))
}
