import type { TimeRange } from '@pingtrace/trace-tree'

/** What a bar's place is measured against; nanoseconds. */
export interface Axis {
  start: bigint
  /** Never 0, so that it can be divided by. */
  length: bigint
  /** It is a section of the trace's time: what lies outside of it is out of sight. */
  isSection: boolean
  /** Offsets from the start of the axis. */
  ticks: { offset: bigint; percent: number }[]
}

/** At most this many intervals: labels of some 60 pixels must fit side by side. */
const maxIntervals = 5n

/** The time axis of a trace, or of a section of it, with ticks at round times. */
export function makeAxis(start: bigint, end: bigint, isSection = false): Axis {
  const length = end > start ? end - start : 1n
  const step = roundStep(length)
  const ticks: Axis['ticks'] = []
  for (let offset = 0n; offset <= length; offset += step) {
    ticks.push({ offset, percent: percentOf(offset, length) })
  }
  return { start, length, isSection, ticks }
}

/**
 * Where a span lies on the axis, in percent of its width. Spans that begin or end outside of it
 * (times left out by their sender) are clamped to its edges; those outside of a section a little
 * beyond them, where they are cut off.
 */
export function placeBar(axis: Axis, start: bigint, end: bigint): { left: number; width: number } {
  const beyond = axis.isSection ? 10 : 0
  const left = clamp(percentOf(start - axis.start, axis.length), beyond)
  const right = clamp(percentOf(end - axis.start, axis.length), beyond)
  return { left, width: Math.max(0, right - left) }
}

/** Of a percent; closer than that is the same place, on any screen. */
const samePlace = 0.05

/**
 * Where the parts of a span lie, in the order of time. Those that could not be told apart are one,
 * so that however many there are, a few hundred are drawn.
 */
export function placeParts(
  axis: Axis,
  parts: readonly TimeRange[],
): { left: number; width: number }[] {
  const placed: { left: number; width: number }[] = []
  for (const { start, end } of parts) {
    const { left, width } = placeBar(axis, start, end)
    const last = placed.at(-1)
    if (last !== undefined && left - (last.left + last.width) < samePlace) {
      last.width = Math.max(last.width, left + width - last.left)
    } else placed.push({ left, width })
  }
  return placed
}

/** The places of moments, each once; in percent. */
export function placeMoments(axis: Axis, times: readonly bigint[]): number[] {
  const places = times.map((time) => placeBar(axis, time, time).left)
  return [...new Set(places.map((place) => Math.round(place / samePlace) * samePlace))]
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

function clamp(percent: number, beyond: number): number {
  return Math.min(100 + beyond, Math.max(0 - beyond, percent))
}
