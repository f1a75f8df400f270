import type { Span } from '@pingtrace/otlp'
import { addressOf, normalAddress, text } from '../span-facts.ts'
import type { TraceSubject } from '../trace-subject.ts'

/** What operators keep out of tracing on purpose; the last is asked for by browsers by themselves. */
const untraced =
  /\/(health|healthz|healthcheck|livez?|liveness|readyz?|readiness|metrics|favicon\.ico)$/

/** Tells of which service a CLIENT span expects an answer; undefined when nothing is known of it. */
export function serviceLookup(subject: TraceSubject): (client: Span) => string | undefined {
  const names = new Set<string>()
  const byAddress = new Map<string, string>()
  const servers = [...subject.nodes.map(({ span }) => span), ...subject.elsewhere]
  for (const span of servers) {
    if (span.kind !== 'server') continue
    names.add(span.service)
    const address = addressOf(span)
    if (address !== undefined && /:\d+$/.test(address)) byAddress.set(address, span.service)
  }
  for (const { name, addresses = [] } of subject.options.services ?? []) {
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

export function isUntraced(path: string | undefined): boolean {
  return path !== undefined && untraced.test(path)
}
