import { nameOf } from '../../calls/describe-call.ts'
import { makeFinding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

/** More than one span without a parent has the trace's id. */
export const severalRoots: Rule = ({ nodes }) => {
  const roots = nodes.filter(({ span }) => span.parentSpanId === undefined).map(({ span }) => span)
  // Versions of one span are something else (duplicate-export).
  const distinct = roots.filter(
    ({ spanId }, index) => roots.findIndex((other) => other.spanId === spanId) === index,
  )
  const [first, ...others] = distinct
  if (first === undefined || others.length === 0) return []
  return [
    makeFinding('several-roots', {
      span: first,
      candidates: others,
      severity: 'warning',
      certainty: 'certain',
      problem: `The trace has ${distinct.length} spans without a parent: ${nameOf(first)} and ${nameOf(others[0]!)}${others.length > 1 ? ', among others' : ''}.`,
      evidence: {
        roots: distinct
          .slice(0, 10)
          .map(({ spanId }) => spanId)
          .join(' '),
      },
      cause:
        'Several operations share a trace id: an id generator that repeats itself, a root that was started with the trace id of another, or spans whose parent id was lost on the way.',
      mend: 'Start each operation’s first span in the root context and leave its ids to the SDK; pass the context on to what belongs below it.',
    }),
  ]
}
