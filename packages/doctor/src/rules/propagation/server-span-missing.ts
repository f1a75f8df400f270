import type { Span } from '@pingtrace/otlp'
import { addressOf, isBrowser, pathOf, rpcOf, statusOf, text } from '@pingtrace/trace-facts'
import { nameOf } from '../../calls/describe-call.ts'
import { callsOf, type UnansweredCall } from '../../calls/torn-calls.ts'
import { isUnsampled } from '../../calls/unsampled.ts'
import { type Finding, makeFinding } from '../../finding.ts'
import { firstOfEach } from '../../first-of-each.ts'
import { shown } from '../../report-text.ts'
import type { Rule } from '../../rule.ts'

/**
 * A service that takes up such calls was called and answered, and its span is not there. What others
 * answer for it (caches, gateways, servers of static files) is left out: `awaited` in
 * @pingtrace/trace-facts.
 */
export const serverSpanMissing: Rule = (subject) => {
  const answered = callsOf(subject).unanswered.filter(
    ({ client, isAwaited }) => isAwaited && !isUnsampled(client, subject),
  )
  // A path that is not traced is one fault, however often it is called.
  const keyOf = ({ client, service }: UnansweredCall) =>
    `${client.service} ${service} ${pathOf(client) ?? client.name}`
  return firstOfEach(answered, keyOf).map(({ first, others, count }) => {
    const candidates = others.map(({ client }) => client)
    return subject.isPending ? pending(first, candidates, count) : missing(first, candidates, count)
  })
}

function pending(call: UnansweredCall, candidates: Span[], count: number): Finding {
  const { client, service } = call
  return makeFinding('not-yet-arrived', {
    span: client,
    candidates,
    severity: 'info',
    certainty: 'likely',
    problem: `The SERVER span of ${shown(service)} below ${nameOf(client)} has not arrived yet.`,
    evidence: evidenceOf(call, count),
    cause: 'Services export in batches; the last span of this trace came only a moment ago.',
    mend: 'Wait.',
  })
}

function missing(call: UnansweredCall, candidates: Span[], count: number): Finding {
  const { client, service } = call
  return makeFinding('server-span-missing', {
    span: client,
    candidates,
    severity: 'warning',
    certainty: 'likely',
    problem: `${nameOf(client)} was answered by ${shown(service)}, which sends spans of such calls here, but there is none of this one.`,
    evidence: evidenceOf(call, count),
    cause:
      'The span was not sampled, was dropped before it was exported, has not ended yet, or this path of the service is not traced; or something before the service answered for it (a cache, a gateway).',
    mend: `See whether ${shown(service)} traces this path, records traces that others began, and exports without errors.`,
  })
}

/** A page's request to a service that we know failed without any answer. */
export const preflightRefused: Rule = (subject) =>
  callsOf(subject)
    .unanswered.filter(({ client, service }) => service !== undefined && failedInPage(client))
    // A request that the page gave up may have been taken up, and its span be under way.
    .map((call) => (subject.isPending ? pending(call, [], 1) : refused(call)))

function refused({ client, service = '' }: UnansweredCall): Finding {
  return makeFinding('preflight-refused', {
    span: client,
    severity: 'error',
    certainty: 'likely',
    problem: `The page’s request ${nameOf(client)} failed without an answer, and ${shown(service)} has no span of it: it was refused by CORS, or ${shown(service)} was not running.`,
    evidence: {
      service: shown(service),
      server: shown(addressOf(client)),
      path: shown(pathOf(client)),
      'error.type': shown(text(client, 'error.type')),
      status: shown(client.status.message),
    },
    cause:
      'traceparent makes the browser ask for permission first (a preflight), and the server’s CORS settings do not name it. A page is told the same of a server that is not there.',
    mend: 'Add traceparent and tracestate to Access-Control-Allow-Headers of the server, for the page’s origin; look at the OPTIONS request in the browser’s network panel.',
  })
}

/** fetch rejects with a TypeError; XMLHttpRequest has status 0 and no words for it. */
function failedInPage(client: UnansweredCall['client']): boolean {
  if (!isBrowser(client) || client.status.code !== 'error') return false
  if (statusOf(client) !== undefined) return false
  return /^(TypeError|NetworkError|error|Error|_OTHER)?$/.test(text(client, 'error.type') ?? '')
}

function evidenceOf({ client, service }: UnansweredCall, count: number): Record<string, string> {
  const status = statusOf(client)
  return {
    service: shown(service),
    request: shown(pathOf(client) ?? rpcOf(client)),
    ...(status === undefined ? {} : { 'http.response.status_code': String(status) }),
    calls: String(count),
  }
}
