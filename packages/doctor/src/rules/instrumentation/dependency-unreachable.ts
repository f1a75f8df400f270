import type { Span } from '@pingtrace/otlp'
import { addressOf, databaseOf, type SpanNode, statusOf, text } from '@pingtrace/trace-facts'
import type { TraceNode } from '@pingtrace/trace-tree'
import { nameOf } from '../../calls/describe-call.ts'
import { makeFinding } from '../../finding.ts'
import { firstOfEach } from '../../first-of-each.ts'
import { shown } from '../../report-text.ts'
import type { Rule } from '../../rule.ts'

interface Reason {
  words: string
  cause: string
  pattern: RegExp
}

/**
 * How runtimes say that nobody was there: codes of the system, classes of Java, .NET, Python and Go, and
 * the values that the conventions give for `error.type` (HTTP client metrics of .NET).
 */
const reasons: Reason[] = [
  {
    words: 'refused the connection',
    cause: 'Nothing listens there: it is not running, or on another port.',
    pattern:
      /\bECONNREFUSED\b|connection refused|ConnectionRefused|actively refused|\bconnection_error\b/i,
  },
  {
    words: 'has a name that cannot be resolved',
    cause: 'The name is misspelt, or belongs to another network than the caller’s.',
    pattern:
      /\bENOTFOUND\b|\bEAI_AGAIN\b|no such host|UnknownHostException|\bgaierror\b|name resolution|\bname_resolution_error\b|name or service not known|nodename nor servname/i,
  },
  {
    words: 'cannot be reached over the network',
    cause: 'There is no way to it from here: a network, a route or a firewall is in between.',
    pattern:
      /\bEHOSTUNREACH\b|\bENETUNREACH\b|NoRouteToHost|no route to host|network is unreachable/i,
  },
  {
    words: 'did not answer when a connection was opened',
    cause:
      'Nobody answers there, not even with a refusal: the host is down, hangs, or a firewall drops the packets.',
    pattern:
      /\bETIMEDOUT\b|connect(ion)?[ _]?time(d )?[ _-]?out|ConnectTimeout|CONNECT_TIMEOUT|dial tcp.*i\/o timeout|ServerSelection(Timeout)?Error|server selection (timed out|timeout)/i,
  },
]

/** A database, or another peer, that was not there. One finding for each caller and address. */
export const dependencyUnreachable: Rule = ({ nodes }) => {
  const failed = nodes.flatMap((node) => {
    const reason = reasonOf(node)
    return reason === undefined ? [] : [{ node, span: node.span, reason }]
  })
  // Whoever got through to it in the end, by a retry or a pool's next address, needs no help.
  const reached = new Set(
    nodes.flatMap(({ span }) => (isReached(span) ? [`${span.service} ${targetOf(span)}`] : [])),
  )
  const down = failed.filter(({ span }) => !reached.has(`${span.service} ${targetOf(span)}`))
  const keyOf = ({ span, reason }: (typeof down)[number]) =>
    `${span.service} ${targetOf(span)} ${reason.words}`
  return firstOfEach(down, keyOf).map(({ first: { node, span, reason }, others, count }) => {
    const passing = passedOnBy(node)
    return makeFinding('dependency-unreachable', {
      span,
      candidates: [...others.map((other) => other.span), ...passing].slice(0, 9),
      severity: 'warning',
      certainty: 'certain',
      problem: `${nameOf(span)} failed because ${targetOf(span)} ${reason.words}.`,
      evidence: {
        address: addressOf(span) ?? '(not recorded: server.address is missing)',
        error: errorOf(span),
        ...(passing.length > 0 && { 'only pass the error on': namesOf(passing) }),
        calls: String(count),
      },
      cause: reason.cause,
      mend: `See whether ${targetOf(span)} is running, and whether ${shown(span.service, 40)} is told its right address. The spans above only pass the error on: look at none of them first.`,
    })
  })
}

function reasonOf({ span, children }: SpanNode): Reason | undefined {
  if (!isCall(span) || span.status.code === 'ok' || hasAnswer(span)) return undefined
  if (span.status.code !== 'error' && text(span, 'error.type') === undefined) return undefined
  // Whoever answered was reached; and of a call within a call it is the inner one that failed.
  const below = children.flatMap((child) => (child.span ? [child.span] : []))
  if (below.some((child) => child.kind === 'server' || isCall(child))) return undefined
  const said = saidOf(span)
  return reasons.find(({ pattern }) => pattern.test(said))
}

function isCall(span: Span): boolean {
  return span.kind === 'client' || span.kind === 'producer' || databaseOf(span) !== undefined
}

/** A status of HTTP, or a database's own code: somebody was there to give it. */
function hasAnswer(span: Span): boolean {
  return statusOf(span) !== undefined || text(span, 'db.response.status_code') !== undefined
}

function isReached(span: Span): boolean {
  return isCall(span) && (span.status.code !== 'error' || hasAnswer(span))
}

/** Patterns are tried on a stranger's text. */
const lookedAt = 1_000

function saidOf(span: Span): string {
  return [
    text(span, 'error.type'),
    span.status.message,
    ...span.events.flatMap(({ name, attributes }) =>
      name === 'exception' ? [attributes['exception.type'], attributes['exception.message']] : [],
    ),
  ]
    .filter((said) => typeof said === 'string')
    .map((said) => said.slice(0, lookedAt))
    .join('\n')
}

function errorOf(span: Span): string {
  const type = text(span, 'error.type')
  const words = [type, span.status.message].filter((said) => said !== undefined && said !== '')
  return shown([...new Set(words)].join(': ') || saidOf(span).replaceAll('\n', ': '))
}

/** `redis at localhost:6379`. */
function targetOf(span: Span): string {
  const system = databaseOf(span) ?? text(span, 'messaging.system', 'rpc.system')
  const address = addressOf(span)
  if (system !== undefined && address !== undefined) return shown(`${system} at ${address}`)
  return shown(system ?? address ?? `what “${span.name}” calls`)
}

/** The failed spans above it, up to the first that has not failed. */
function passedOnBy(node: TraceNode): Span[] {
  const spans: Span[] = []
  for (let above = node.parent; above?.span?.status.code === 'error'; above = above.parent) {
    spans.push(above.span)
  }
  return spans
}

function namesOf(spans: readonly Span[]): string {
  const names = spans.slice(0, 4).map(({ name, service }) => `${shown(name, 40)} (${service})`)
  const rest = spans.length - names.length
  return shown(`${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`, 240)
}
