import type { Span } from '@pingtrace/otlp'
import { nameOf } from '../../calls/describe-call.ts'
import { callsOf } from '../../calls/torn-calls.ts'
import { isUnsampled } from '../../calls/unsampled.ts'
import { type Finding, makeFinding } from '../../finding.ts'
import { firstOfEach } from '../../first-of-each.ts'
import { shown } from '../../report-text.ts'
import type { Rule } from '../../rule.ts'

/** On a SERVER span whose `traceparent` had the sampled flag off (packages/trace-context). */
const sampledKey = 'propagation.sampled'

const cause =
  'The caller’s sampler decided against the trace, or the flags were written by hand. A server with the usual parent-based sampler records nothing of such a request.'
const mend =
  'Sample the trace where it begins, and let a propagator write the flags. A server that strangers call should not obey them: ParentBasedSampler({ root, remoteParentNotSampled: root }).'

/**
 * The header said “not sampled”. Either the server recorded the request all the same and says so; or
 * it obeyed, there is no SERVER span, and the caller's own span has the flag off, in a process that
 * sets it otherwise.
 */
export const headerNotSampled: Rule = (subject) => {
  const told = subject.nodes.filter(({ span }) => span.attributes[sampledKey] === false)
  const obeyed = subject.isPending
    ? []
    : callsOf(subject).unanswered.filter(
        ({ client, isAwaited }) => isAwaited && isUnsampled(client, subject),
      )
  const perService = firstOfEach(obeyed, ({ client, service }) => `${client.service} ${service}`)
  return [
    ...told.map(({ span }) => toldFinding(span)),
    ...perService.map(({ first, others }) =>
      obeyedFinding(
        first.client,
        first.service ?? '',
        others.map(({ client }) => client),
      ),
    ),
  ]
}

function toldFinding(span: Span): Finding {
  return makeFinding('header-not-sampled', {
    span,
    severity: 'warning',
    certainty: 'certain',
    problem: `The request to ${nameOf(span)} came with a traceparent that says “not sampled”.`,
    evidence: { [sampledKey]: 'false' },
    cause,
    mend,
  })
}

function obeyedFinding(client: Span, service: string, others: Span[]): Finding {
  return makeFinding('header-not-sampled', {
    span: client,
    candidates: others,
    severity: 'warning',
    certainty: 'likely',
    problem: `${nameOf(client)} called ${shown(service)} with a context that says “not sampled”, and there is no SERVER span.`,
    evidence: { 'flags of the span': `0x${client.flags.toString(16)}`, service: shown(service) },
    cause,
    mend,
  })
}
