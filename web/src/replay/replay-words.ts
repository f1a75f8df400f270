import type { Arrival } from '@pingtrace/otlp'
import type { TraceTree } from '@pingtrace/trace-tree'
import { count, formatDuration } from '../viewer/format.ts'

/** Where a replay is: `Request 2 of 3, +12.0 ms: 4 of 9 spans`. */
export function stepText(
  arrivals: readonly Arrival[],
  step: number,
  replayed: TraceTree,
  whole: TraceTree,
): string {
  const spans = `${replayed.spanCount} of ${count(whole.spanCount, 'span')}`
  if (step === 0) return 'Before the first request: no span'
  const since = arrivals[step - 1]!.at - arrivals[0]!.at
  const later = since === 0 ? 'at once' : `${formatDuration(BigInt(since) * 1_000_000n)} later`
  const when = step === 1 ? 'the first' : later
  return `Request ${step} of ${arrivals.length}, ${when}: ${spans}`
}

/** What cannot be gone through: `; 3 spans that came later are there at the end alone`. */
export function laterText(laterSpans: number): string {
  if (laterSpans === 0) return ''
  const verb = laterSpans === 1 ? 'is' : 'are'
  return `; ${count(laterSpans, 'span')} that came later ${verb} there at the end alone`
}
