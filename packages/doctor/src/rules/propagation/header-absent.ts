import { isBrowser } from '@pingtrace/trace-facts'
import { nameOf } from '../../calls/describe-call.ts'
import { type TornMessage, tornMessages } from '../../calls/torn-messages.ts'
import { type Finding, makeFinding } from '../../finding.ts'
import { duration } from '../../report-text.ts'
import type { Rule } from '../../rule.ts'
import { halves, tornCallRule } from './torn-calls.ts'

const tornCalls = tornCallRule('header-absent', ['absent', 'unexplained'], (call) => ({
  problem:
    call.tear === 'absent'
      ? `${halves(call)}, and the request had no traceparent: two traces instead of one.`
      : `${halves(call)}, which began a trace of its own and does not say why.`,
  cause:
    call.tear === 'absent'
      ? 'The context was not injected, or injected into a carrier that did not become the request’s headers (after the fetch, into a copy), or a proxy removed the header.'
      : 'The header was not sent, or a proxy removed it, or the server looks for another format (B3, Jaeger), or extracts nothing.',
  mend: isBrowser(call.client)
    ? 'Inject the span’s context into the headers before calling fetch, allow-list the server’s origin for propagation, and let the server’s CORS allow traceparent and tracestate.'
    : 'Inject the span’s context into the headers before the request is sent, and use W3C Trace Context on both sides (OTEL_PROPAGATORS=tracecontext).',
}))

/** The request, or the message, came without a `traceparent`: two traces instead of one. */
export const headerAbsent: Rule = (subject) => [
  ...tornCalls(subject),
  // A consumer that links to the producer may be under way.
  ...(subject.isPending ? [] : tornMessages(subject).map(messageFinding)),
]

function messageFinding({ producer, consumer, here, isSame }: TornMessage): Finding {
  return makeFinding('header-absent', {
    span: here,
    candidates: [here === producer ? consumer : producer],
    severity: 'error',
    certainty: 'likely',
    problem: `${nameOf(producer)} sent a message that ${nameOf(consumer)} took up in a trace of its own, without a link.`,
    evidence: {
      'taken up after': duration(consumer.start - producer.start),
      'both tell the same message': isSame ? 'yes' : 'no, but nothing else fits',
      'consumer’s trace': consumer.traceId,
    },
    cause:
      'The context was not injected into the message’s headers, a broker or bridge dropped them, or the consumer extracts nothing.',
    mend: 'Inject the PRODUCER span’s context into the message’s headers, and extract it where the message is taken up: as the parent, or as a link.',
  })
}
