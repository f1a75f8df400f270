import { text } from '@pingtrace/trace-facts'
import { nameOf } from '../../calls/describe-call.ts'
import { extractionKey, traceparentKey } from '../../calls/fit.ts'
import { makeFinding } from '../../finding.ts'
import { shown } from '../../report-text.ts'
import type { Rule } from '../../rule.ts'
import { halves, tornCallRule } from './torn-calls.ts'

const cause = {
  malformed:
    'The header was put together by hand, or changed on the way: a version, two ids and flags in lower-case hex, joined by dashes, are what is valid; ids of zeros are not.',
  duplicated:
    'Two parties set the header: an application and a proxy, a test tool or a second instrumentation; or headers were appended where they should have been set.',
}
const mend = {
  malformed: 'Let a propagator write the header (propagation.inject), and pass it on as it is.',
  duplicated:
    'Leave the header to one party: set it instead of appending, and switch the second instrumentation off.',
}
const broken = {
  malformed: 'had a traceparent that is none',
  duplicated: 'had more than one traceparent',
}

const pairOf = (kind: 'malformed' | 'duplicated') =>
  tornCallRule(`header-${kind}`, [kind], (call) => ({
    problem: `${halves(call)}, and the request ${broken[kind]}: two traces instead of one.`,
    cause: cause[kind],
    mend: mend[kind],
  }))

/** The server could not take a parent from the header that came; it says so, with the header. */
const ruleOf = (kind: 'malformed' | 'duplicated'): Rule => {
  const pairs = pairOf(kind)
  return (subject) => {
    const joined = pairs(subject)
    const told = new Set(joined.map(({ span }) => span.spanId))
    // A broken header is one whoever sent it: the other half need not be known.
    const alone = subject.nodes
      .filter(({ span }) => text(span, extractionKey) === kind && !told.has(span.spanId))
      .map(({ span }) =>
        makeFinding(`header-${kind}`, {
          span,
          severity: 'error',
          certainty: 'certain',
          problem: `The request to ${nameOf(span)} ${broken[kind]}, so it began a trace of its own.`,
          evidence: { [traceparentKey]: shown(text(span, traceparentKey) ?? '', 130) },
          cause: cause[kind],
          mend: mend[kind],
        }),
      )
    return [...joined, ...alone]
  }
}

export const headerMalformed = ruleOf('malformed')
export const headerDuplicated = ruleOf('duplicated')
