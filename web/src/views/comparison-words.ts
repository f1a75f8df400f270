import type { TraceSummary } from '@pingtrace/otlp'
import { type ComparedSpan, noise } from '@pingtrace/trace-views'
import { count, formatDuration } from '../viewer/format.ts'
import type { ComparisonState } from './comparison-store.ts'

/** Which trace it is compared with, and why with that one. */
export function choiceText({ other, read, stored }: ComparisonState): string {
  if (other === undefined) return 'Looking for the trace before this one…'
  if (other.choice === 'asked') {
    return `The trace that you chose; it has ${other.sameShape ? 'the same' : 'another'} shape.`
  }
  const one = stored ? 'The trace before this one' : 'The newest stored trace'
  if (other.choice === 'shape') return `${one} of the same operation and shape.`
  const looked =
    read === 1 ? 'The one that was looked at' : `None of the ${read} that were looked at`
  const none = read === 1 ? 'has another shape' : 'has the same shape'
  return `${one} of the same operation. ${looked} ${none}.`
}

/** What a difference between two traces can tell, and what those before them say of it. */
export function noiseText(earlier: readonly TraceSummary[]): string {
  const rule = `A span counts as slower or faster from ${noise.percent} % and ${formatDuration(
    noise.nanos,
  )} on: two runs always differ, and two traces alone cannot tell by how much.`
  if (earlier.length < 5) return rule
  const durations = earlier.map(({ durationNano }) => BigInt(durationNano)).sort(ascending)
  const [least, middle, most] = [
    0,
    Math.floor((durations.length - 1) / 2),
    durations.length - 1,
  ].map((place) => formatDuration(durations[place]!))
  return `${rule} The ${earlier.length} before it took ${least} to ${most}, half of them at most ${middle}.`
}

/** `+113 ms (+101 %)`. */
export function differenceText(difference: bigint, before: bigint): string {
  const sign = difference > 0n ? '+' : ''
  const text = `${sign}${formatDuration(difference)}`
  if (before === 0n || difference === 0n) return text
  const percent = Number((difference * 100n) / before)
  // What was a hundredth before says nothing in percent.
  return Math.abs(percent) >= 10_000 ? text : `${text} (${sign}${`${percent}`.replace('-', '−')} %)`
}

/** What became of a span, in a word or two. */
export function changeText({ change, failure }: ComparedSpan): string[] {
  const failed = failure === undefined ? [] : [failure === 'new' ? 'fails now' : 'fails no more']
  return change === 'same' ? failed : [change, ...failed]
}

/** How many spans changed and how: `1 added, 2 slower`. */
export function countsText(counts: Record<string, number>): string {
  const parts = ['added', 'removed', 'slower', 'faster']
    .filter((change) => counts[change]! > 0)
    .map((change) => `${counts[change]} ${change}`)
  return parts.length === 0
    ? `Of ${count(counts.same!, 'span')}, none was added or removed, or took notably longer or shorter.`
    : parts.join(', ')
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}
