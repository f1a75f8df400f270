import type { Span } from '@pingtrace/otlp'
import { isDated, type SpanNode } from './edges.ts'
import { addressOf, databaseOf, normalAddress, statusOf, text } from './span-facts.ts'

/** A service that sends its spans to where these came from: of it a SERVER span is expected. */
export interface KnownService {
  name: string
  /** `host:port`, as callers write it. */
  addresses?: readonly string[]
}

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

/** Whether the call got an answer from where it went. */
export function isAnswered(client: Span): boolean {
  const status = statusOf(client)
  if (status !== undefined) return !fromProxies.has(status)
  return (
    text(client, 'rpc.system', 'rpc.system.name') !== undefined && client.status.code !== 'error'
  )
}

/**
 * Tells of which service a CLIENT span expects an answer; undefined when nothing is known of it.
 * @param spans whose SERVER spans tell where their services are
 */
export function serviceLookup(
  spans: readonly Span[],
  services: readonly KnownService[] = [],
): (client: Span) => string | undefined {
  const names = new Set<string>()
  const byAddress = new Map<string, string>()
  for (const span of spans) {
    if (span.kind !== 'server') continue
    names.add(span.service)
    const address = addressOf(span)
    if (address !== undefined && /:\d+$/.test(address)) byAddress.set(address, span.service)
  }
  for (const { name, addresses = [] } of services) {
    names.add(name)
    for (const address of addresses) byAddress.set(normalAddress(address), name)
  }
  return (client) => {
    const address = addressOf(client)
    const named = text(client, 'server.service.name', 'peer.service')
    if (named !== undefined && names.has(named)) return named
    if (address === undefined) return undefined
    // In a container network the host is called as the service is.
    const host = address.replace(/:\d+$/, '')
    return byAddress.get(address) ?? (names.has(host) ? host : undefined)
  }
}
