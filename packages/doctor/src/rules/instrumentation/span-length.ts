import type { Span } from '@pingtrace/otlp'
import { max, type SpanNode } from '@pingtrace/trace-facts'
import { nameOf } from '../../calls/describe-call.ts'
import { makeFinding } from '../../finding.ts'
import { firstOfEach } from '../../first-of-each.ts'
import { duration, moment } from '../../report-text.ts'
import type { Rule } from '../../rule.ts'

const source = ({ span }: SpanNode) => `${span.service} ${span.scope.name} ${span.name}`

/** It was sent without an end (or without a start). */
export const unendedSpan: Rule = ({ nodes }) => {
  const unended = nodes.filter(({ span }) => span.end === 0n || span.start === 0n)
  return firstOfEach(unended, source).map(({ first: { span }, others, count }) => {
    const which = span.end === 0n ? 'end' : 'start'
    return makeFinding('unended-span', {
      span,
      candidates: others.map((other) => other.span),
      severity: 'warning',
      certainty: 'certain',
      problem: `${nameOf(span)} was sent without its ${which} time.`,
      evidence: {
        start: span.start === 0n ? 'none' : moment(span.start),
        end: span.end === 0n ? 'none' : moment(span.end),
        spans: String(count),
      },
      cause:
        'It was exported while it was running (a snapshot, or by an exporter of one’s own), or its time was given by hand and was no number.',
      mend: 'End every span exactly once, in a finally block, and export what has ended.',
    })
  })
}

/** It took no time at all, though it cannot have. */
export const zeroLengthSpan: Rule = ({ nodes }) => {
  const empty = nodes.filter((node) => isEmpty(node))
  return firstOfEach(empty, source).map(({ first: node, others, count }) => {
    const { span } = node
    const work = longestBelow(node)
    return makeFinding('zero-length-span', {
      span,
      candidates: others.map((other) => other.span),
      severity: work === undefined ? 'info' : 'warning',
      certainty: 'likely',
      problem:
        work === undefined
          ? `${nameOf(span)} begins and ends at the same nanosecond, as no call over a network can.`
          : `${nameOf(span)} begins and ends at the same nanosecond, and has children that took longer.`,
      evidence: {
        kind: span.kind,
        'start and end': moment(span.start),
        ...(work === undefined ? {} : { 'longest child': duration(work) }),
        spans: String(count),
      },
      cause:
        'The span was ended right after its start, before what it measures was done; or both times come from a clock of whole milliseconds.',
      mend: 'End the span when the work is done (await it first). Where a start time is given by hand, give the end as well.',
    })
  })
}

/**
 * Steps inside a process may well be shorter than their clock's tick; calls of others may not. Nor
 * may what has children of some length, unless they were never waited for.
 */
function isEmpty(node: SpanNode): boolean {
  const { span } = node
  if (span.start === 0n || span.end !== span.start) return false
  if (span.kind === 'client' || span.kind === 'server') return true
  return longestBelow(node) !== undefined
}

function longestBelow({ children }: SpanNode): bigint | undefined {
  const lengths = children.flatMap(({ span }) => (span ? [lengthOf(span)] : []))
  const longest = lengths.reduce(max, 0n)
  return longest > 0n ? longest : undefined
}

function lengthOf({ start, end }: Span): bigint {
  return end > start ? end - start : 0n
}
