import type { DurationStats, OperationStep, OperationsResult, TimeSteps } from '@pingtrace/otlp'
import type { SearchState } from '../explorer/search-store.ts'
import { partialText } from '../explorer/words.ts'
import { count, formatArrival, formatDuration } from '../viewer/format.ts'
import type { StreamState } from '../viewer/live-stream.ts'
import { troubleText } from '../viewer/stream-words.ts'
import { errorPercent } from './operation-sort.ts'

/** Whole nanoseconds of a number that the collector answered. */
export function durationText(nanos: number): string {
  return formatDuration(BigInt(Math.round(nanos)))
}

/** How many of a hundred failed: one digit behind the point where it matters. */
export function percentText(stats: DurationStats): string {
  const percent = errorPercent(stats)
  if (percent === 0) return '0 %'
  return percent < 0.1 ? '< 0.1 %' : `${percent.toFixed(percent < 10 ? 1 : 0)} %`
}

/** What is grouped, and whether that is all. */
export function operationsText({ searching, result }: SearchState<OperationsResult>): string {
  if (searching) return 'Counting…'
  if (result === undefined) return ''
  const { operations, spanCount, ungroupedSpans, partial } = result
  const all = `${count(operations.length, 'operation')}, ${count(spanCount, 'span')}`
  const rest = ungroupedSpans > 0 ? `; ${ungroupedSpans} of them of other operations` : ''
  return partial === undefined ? all + rest : `${all}${rest}, ${partialText[partial]}`
}

/** What a sparkline shows, for those who do not see it. */
export function stepsText(steps: readonly OperationStep[], { stepMs }: TimeSteps): string {
  const [first, last] = [steps[0], steps.at(-1)]
  if (first === undefined || last === undefined) return 'no spans in the time shown'
  const slow = steps.map(({ p95Nano }) => p95Nano)
  const most = Math.max(...steps.map((step) => step.count))
  const [least, slowest] = [durationText(Math.min(...slow)), durationText(Math.max(...slow))]
  const when = first === last ? formatArrival(first.at) : between(first.at, last.at)
  const range = least === slowest ? least : `${least} to ${slowest}`
  return `${when}: p95 ${range}, at most ${count(most, 'span')} in ${durationText(stepMs * 1e6)}`
}

function between(from: number, to: number): string {
  return `${formatArrival(from)} to ${formatArrival(to)}`
}

/** What stands in place of the rows. */
export function emptyText(
  { searching, problem, asked }: SearchState<unknown>,
  stream: StreamState,
  noun: string,
): string {
  if (problem !== undefined) {
    return problem.isQuery ? 'The query is wrong: see above.' : `Not known: ${problem.message}.`
  }
  if (searching) return 'Counting…'
  const trouble = troubleText(stream)
  if (trouble !== undefined) return `Not known: ${trouble}.`
  if (asked?.query || asked?.range) return `No stored span fits. ${noun} of new ones appear here.`
  return `No traces yet. ${noun} of those that arrive appear here by themselves.`
}
