import { nameOf } from '../../calls/describe-call.ts'
import { callsOf } from '../../calls/torn-calls.ts'
import { makeFinding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

/** Set by our API on a SERVER span whose `traceparent` had the sampled flag off. */
const sampledKey = 'pingtrace.propagation.sampled'

const cause =
  'The caller’s sampler decided against the trace, or the flags were written by hand. A server with the usual parent-based sampler records nothing of such a request.'
const mend =
  'Sample the trace where it begins, and let a propagator write the flags. A server that strangers call should not obey them: ParentBasedSampler({ root, remoteParentNotSampled: root }).'

/** The header said “not sampled”: servers that obey it leave a hole. */
export const headerNotSampled: Rule = (subject) => {
  const told = subject.nodes
    .filter(({ span }) => span.attributes[sampledKey] === false)
    .map(({ span }) =>
      makeFinding('header-not-sampled', {
        span,
        severity: 'warning',
        certainty: 'certain',
        problem: `The request to ${nameOf(span)} came with a traceparent that says “not sampled”.`,
        evidence: { [sampledKey]: 'false' },
        cause,
        mend,
      }),
    )
  const silent = callsOf(subject)
    // Bit 8 says that the sender knows flags at all; bit 0 is the sampled flag.
    .unanswered.filter(({ client }) => (client.flags & 0x100) !== 0 && (client.flags & 1) === 0)
    .map(({ client }) =>
      makeFinding('header-not-sampled', {
        span: client,
        severity: 'error',
        certainty: 'likely',
        problem: `${nameOf(client)} is not sampled, so the server that it called recorded nothing.`,
        evidence: { flags: `0x${client.flags.toString(16)}` },
        cause,
        mend,
      }),
    )
  return [...told, ...silent]
}
