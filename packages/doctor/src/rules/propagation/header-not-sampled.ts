import { nameOf } from '../../calls/describe-call.ts'
import { makeFinding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

/** Set by our API on a SERVER span whose `traceparent` had the sampled flag off. */
const sampledKey = 'propagation.sampled'

/**
 * The header said “not sampled”, and the server recorded the request all the same: others would
 * not have. (A server that obeys leaves nothing to see: server-span-missing. The flags of the
 * caller's own span prove nothing, since some SDKs never write the sampled bit there.)
 */
export const headerNotSampled: Rule = ({ nodes }) =>
  nodes
    .filter(({ span }) => span.attributes[sampledKey] === false)
    .map(({ span }) =>
      makeFinding('header-not-sampled', {
        span,
        severity: 'warning',
        certainty: 'certain',
        problem: `The request to ${nameOf(span)} came with a traceparent that says “not sampled”.`,
        evidence: { [sampledKey]: 'false' },
        cause:
          'The caller’s sampler decided against the trace, or the flags were written by hand. A server with the usual parent-based sampler records nothing of such a request.',
        mend: 'Sample the trace where it begins, and let a propagator write the flags. A server that strangers call should not obey them: ParentBasedSampler({ root, remoteParentNotSampled: root }).',
      }),
    )
