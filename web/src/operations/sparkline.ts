import type { OperationStep, TimeSteps } from '@pingtrace/otlp'

/** What is drawn of an operation over time, in units of a step and of the full height (1). */
export interface Sparkline {
  /** How many steps are in the width. */
  width: number
  /** Spans of each step, from the bottom, and the part of them that failed. */
  bars: { left: number; height: number; failed: number }[]
  /** The 95th percentile: points of lines, which end where a step has no spans. */
  lines: [left: number, height: number][][]
}

/** Both scales begin at nothing: what doubles is twice as high. */
export function sparkline(steps: readonly OperationStep[], time: TimeSteps): Sparkline {
  const width = Math.max(1, Math.round((time.to - time.from) / time.stepMs))
  const most = Math.max(1, ...steps.map(({ count }) => count))
  const slowest = Math.max(1, ...steps.map(({ p95Nano }) => p95Nano))
  const bars: Sparkline['bars'] = []
  const lines: Sparkline['lines'] = []
  let before = Number.NaN
  for (const { at, count, errorCount, p95Nano } of steps) {
    const left = Math.round((at - time.from) / time.stepMs)
    bars.push({ left, height: count / most, failed: errorCount / most })
    if (left !== before + 1) lines.push([])
    lines.at(-1)!.push([left, p95Nano / slowest])
    before = left
  }
  return { width, bars, lines }
}
