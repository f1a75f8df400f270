import type { Span } from '@pingtrace/otlp'
import { isDated, type SpanNode } from './edges.ts'
import { databaseOf, rpcStatusOf, statusOf, text } from './span-facts.ts'

/** What operators keep out of tracing on purpose; the last is asked for by browsers by themselves. */
const untraced =
  /\/(health|healthz|healthcheck|livez?|liveness|readyz?|readiness|metrics|favicon\.ico)$/

export function isUntraced(path: string | undefined): boolean {
  return path !== undefined && untraced.test(path)
}

/** A call to something that could send a SERVER span: no database, no queue. */
export function isOutgoing(span: Span): boolean {
  const isCall = span.kind === 'client' && databaseOf(span) === undefined
  return (
    isCall && text(span, 'messaging.system.name', 'messaging.system') === undefined && isDated(span)
  )
}

/** A CLIENT span below it is the request proper; a SERVER span below it is the answer. */
export function isOpenCall({ span, children }: SpanNode): boolean {
  return (
    isOutgoing(span) &&
    !children.some((child) => child.span?.kind === 'client' || child.span?.kind === 'server')
  )
}

/** Statuses that proxies answer for servers that they did not reach. */
const fromProxies = new Set([502, 503, 504])

/** What a gRPC client says by itself, or a proxy for it: cancelled, deadline exceeded, unavailable. */
const grpcUnanswered = new Set(['1', '4', '14', 'CANCELLED', 'DEADLINE_EXCEEDED', 'UNAVAILABLE'])

/** Whether the call got an answer from where it went: of HTTP, or of a remote procedure. */
export function isAnswered(client: Span): boolean {
  const status = statusOf(client)
  if (status !== undefined) return !fromProxies.has(status)
  const code = rpcStatusOf(client)
  if (code !== undefined) return !grpcUnanswered.has(code)
  return (
    text(client, 'rpc.system.name', 'rpc.system') !== undefined && client.status.code !== 'error'
  )
}

/**
 * Statuses that are also answered on the way, by what leaves no span: redirects and “not modified”,
 * authentication, rate limits and sizes at a gateway, and whatever a web server has no file for.
 */
const fromBetween = new Set([
  301, 302, 303, 304, 307, 308, 401, 403, 404, 407, 408, 413, 414, 421, 429, 431,
])
const grpcFromBetween = new Set([
  ...['7', '8', '12', '16'],
  ...['PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'UNIMPLEMENTED', 'UNAUTHENTICATED'],
])

/** Whether gateways, caches and web servers give such an answer for a service as well. */
export function mayBeFromBetween(client: Span): boolean {
  const status = statusOf(client)
  if (status !== undefined) return fromBetween.has(status)
  return grpcFromBetween.has(rpcStatusOf(client) ?? '')
}

/**
 * Whether nobody waits for what the call sets off: it was only accepted (202), or it goes through a
 * queue or to a function that is invoked later. The answer then says nothing of the work.
 */
export function isAsynchronous(parent: Span, child: Span): boolean {
  if (statusOf(parent) === 202 || statusOf(child) === 202) return true
  return [parent, child].some(({ kind, attributes }) => {
    if (kind === 'producer' || kind === 'consumer') return true
    return Object.keys(attributes).some((key) => /^(faas|messaging)\./.test(key))
  })
}
