import { type ComparedSpan, type Comparison, durationOf, noise } from '@pingtrace/trace-views'
import { milliseconds, quoted } from './trace-text.ts'

/** What changed from one trace to another, a line a span. */
export function comparisonText(comparison: Comparison, maxLines: number): string {
  const { counts, newFailures, goneFailures } = comparison
  const changed = changedSpans(comparison.roots)
  const left = changed.length - maxLines
  return [
    `${counts.same} spans as before, ${counts.added} added, ${counts.removed} removed, ` +
      `${counts.slower} slower, ${counts.faster} faster; ${newFailures} fail now, ${goneFailures} fail no more`,
    `A span counts as slower or faster from ${noise.percent} % and ${milliseconds(noise.nanos)} on: two runs always differ.`,
    ...changed.slice(0, maxLines).map(changeLine),
    ...(left > 0 ? [`… and ${left} more`] : []),
  ].join('\n')
}

/** From the top; nothing recurses, since traces may be as deep as they like. */
function changedSpans(roots: readonly ComparedSpan[]): ComparedSpan[] {
  const found: ComparedSpan[] = []
  const stack = roots.toReversed()
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (next.change !== 'same' || next.failure !== undefined) found.push(next)
    for (const child of next.children.toReversed()) stack.push(child)
  }
  return found
}

function changeLine({ before, after, change, failure, selfDifference }: ComparedSpan): string {
  const span = (after ?? before)?.span
  const name = span
    ? `${quoted(span.name)} (${quoted(span.service)})`
    : '(a parent that is missing)'
  const changes: string[] = change === 'same' ? [] : [change]
  if (failure !== undefined) changes.push(failure === 'new' ? 'fails now' : 'fails no more')
  const times =
    before === undefined || after === undefined
      ? milliseconds(durationOf((after ?? before)!))
      : `${milliseconds(durationOf(before))} before, ${milliseconds(durationOf(after))} after, ` +
        `of which ${milliseconds(selfDifference ?? 0n)} is its own`
  return `${changes.join(', ')}: ${name}, ${times}, span ${(after ?? before)!.spanId}`
}
