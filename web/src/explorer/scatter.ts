import type { TraceSummary } from '@pingtrace/otlp'

const minute = 60_000
const hour = 60 * minute
/** Below a microsecond it is the sender's clock that is seen. */
const leastNanos = 1_000
/** More lines than this stand too close to be read. */
const maxLines = 5

export interface Scatter {
  /** By time, then by duration: the way in which arrow keys go. */
  dots: Dot[]
  /** Durations with a line, nanoseconds, each ten times or a hundred times the one before. */
  lines: { nanos: bigint; bottom: number }[]
  /** Milliseconds since the Unix epoch at the left and the right end. */
  from: number
  to: number
}

export interface Dot {
  trace: TraceSummary
  /** Percent of the width from the left, and of the height from the bottom. */
  left: number
  bottom: number
}

/**
 * When each trace began, and how long it took: the second on a logarithmic scale, since durations
 * differ by powers of ten.
 */
export function scatter(traces: readonly TraceSummary[]): Scatter {
  const placed = traces.map((trace) => {
    const log = Math.log10(Math.max(Number(trace.durationNano), leastNanos))
    return { trace, at: timeOf(trace), log }
  })
  placed.sort((a, b) => a.at - b.at || a.log - b.log)
  const from = placed[0]?.at ?? 0
  const to = placed.at(-1)?.at ?? 0
  const logs = placed.map(({ log }) => log)
  const lowest = Math.floor(Math.min(...logs, Number.POSITIVE_INFINITY))
  const highest = Math.max(lowest + 1, Math.ceil(Math.max(...logs, Number.NEGATIVE_INFINITY)))
  if (placed.length === 0) return { dots: [], lines: [], from, to }

  const bottomOf = (log: number): number => ((log - lowest) / (highest - lowest)) * 100
  const dots = placed.map(({ trace, at, log }) => ({
    trace,
    // What all began at once stands in the middle.
    left: from === to ? 50 : ((at - from) / (to - from)) * 100,
    bottom: bottomOf(log),
  }))
  const step = Math.ceil((highest - lowest) / maxLines)
  const lines = []
  for (let log = lowest; log <= highest; log += step) {
    lines.push({ nanos: 10n ** BigInt(log), bottom: bottomOf(log) })
  }
  return { dots, lines, from, to }
}

/**
 * Its start, in milliseconds; or its arrival where the sender's clock is plainly wrong: one such
 * trace would press all others into a corner.
 */
function timeOf({ startTimeUnixNano, arrivedAt }: TraceSummary): number {
  const start = Number(BigInt(startTimeUnixNano) / 1_000n) / 1_000
  return start > arrivedAt + minute || start < arrivedAt - hour ? arrivedAt : start
}
