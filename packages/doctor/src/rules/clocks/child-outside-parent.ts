import type { Span } from '@pingtrace/otlp'
import { type Edge, edgesOf, isLocal, ms } from '@pingtrace/trace-facts'
import { nameOf } from '../../calls/describe-call.ts'
import { type Finding, makeFinding } from '../../finding.ts'
import { duration, moment, momentFrom } from '../../report-text.ts'
import type { Rule } from '../../rule.ts'
import { jump } from './clock-jump.ts'

/** Stock OpenTelemetry JS is off by up to 1 ms, since each span has an anchor of its own. */
const grain = ms(2)

/** In one process, under one clock, a child is not within its parent. */
export const childOutsideParent: Rule = (subject) =>
  edgesOf(subject.nodes)
    .filter(isLocal)
    .flatMap((edge) => [...early(edge), ...late(edge)])

function early({ parent, child }: Edge): Finding[] {
  const by = parent.start - child.start
  if (by <= grain || by >= jump) return []
  return [
    makeFinding('child-outside-parent', {
      span: child,
      candidates: [parent],
      severity: 'warning',
      certainty: 'certain',
      problem: `${nameOf(child)} starts ${duration(by)} before its parent ${nameOf(parent)}, in the same process.`,
      evidence: {
        'parent began': moment(parent.start),
        'child began': momentFrom(parent.start, child.start),
      },
      cause:
        'The two have their times from different clocks, or a start time was given by hand to one and not to the other.',
      mend: 'Take the times of an operation’s spans from one anchor, read when the operation starts.',
    }),
  ]
}

/**
 * Work that goes on after its parent is often meant so (nobody waits for it, and it is asynchronous
 * messaging in all but name): only a child that runs most of its time within the parent, and then a
 * little over, was probably meant to be waited for.
 */
function late({ parent, child }: Edge): Finding[] {
  const by = child.end - parent.end
  const within = parent.end - child.start
  if (by <= grain || by * 4n > within || isAsynchronous(parent, child)) return []
  return [
    makeFinding('child-outside-parent', {
      span: child,
      candidates: [parent],
      severity: 'info',
      certainty: 'likely',
      problem: `${nameOf(child)} ends ${duration(by)} after its parent ${nameOf(parent)}, in the same process.`,
      evidence: {
        'parent ended': moment(parent.end),
        'child ended': momentFrom(parent.end, child.end),
      },
      cause:
        'The parent was ended without waiting for the child (an await is missing), or their times come from different clocks.',
      mend: 'End the parent when all of its work is done; take the times of one operation from one anchor.',
    }),
  ]
}

function isAsynchronous(...spans: Span[]): boolean {
  return spans.some(({ kind }) => kind === 'producer' || kind === 'consumer')
}
