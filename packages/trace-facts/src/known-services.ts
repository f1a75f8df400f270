import type { Span } from '@pingtrace/otlp'
import { isAnswered, mayBeFromBetween } from './calls.ts'
import {
  addressOf,
  isBrowser,
  methodOf,
  ms,
  normalAddress,
  pathOf,
  rpcOf,
  rpcStatusOf,
  statusOf,
  text,
} from './span-facts.ts'

/** A service that sends its spans to where these came from. */
export interface KnownService {
  name: string
  /** `host:port`, as callers write it. */
  addresses?: readonly string[]
  /**
   * What it was seen to take up: the first segment of a path (`/api`) or an RPC service, alone and
   * with each status that it gave (`/api 401`). Only of such calls a SERVER span is expected.
   */
  takes?: readonly string[]
}

export interface ServiceIndex {
  /** The service that a CLIENT span calls; undefined when nothing is known of who is there. */
  serviceOf(client: Span): string | undefined
  /** The same, where its SERVER span is expected below the call, and nothing else explains that there is none. */
  awaited(client: Span): string | undefined
}

/** A service may have as many paths as it has visitors. */
const mostTaken = 1_000

/** What answered a page sooner than this was its cache: there is no way so short. */
const cacheTime = ms(5)

interface Known {
  /** As the service itself tells them. */
  addresses: Set<string>
  /** Where callers reached it: a proxy's, which may serve others and files as well. */
  called: Set<string>
  takes: Set<string>
  /** The shortest call of a page that it has answered. */
  fastest: bigint | undefined
}

/**
 * Which services there are, at which addresses, and what they take up.
 * @param spans whose SERVER spans tell, and the CLIENT spans above them
 * @param services what is known besides
 */
export function indexServices(
  spans: Iterable<Span>,
  services: readonly KnownService[] = [],
): ServiceIndex {
  const known = collect(spans)
  for (const { name, addresses = [], takes = [] } of services) {
    const { addresses: at, takes: all } = entry(known, name)
    for (const address of addresses) at.add(normalAddress(address))
    for (const each of takes) all.add(each)
  }
  const byAddress = new Map<string, string[]>()
  for (const [name, { addresses, called }] of known) {
    for (const address of new Set([...addresses, ...called])) {
      byAddress.set(address, [...(byAddress.get(address) ?? []), name])
    }
  }

  function serviceOf(client: Span): string | undefined {
    const named = text(client, 'server.service.name', 'peer.service')
    if (named !== undefined && known.has(named)) return named
    const address = addressOf(client)
    if (address === undefined) return undefined
    // Behind one address there may be several, each with paths of its own.
    const there = byAddress.get(address) ?? []
    const area = areaOf(client)
    const taker = there.find((name) => area !== undefined && known.get(name)?.takes.has(area))
    if (there.length > 0) return taker ?? there[0]
    // In a container network the host is called as the service is.
    const host = address.replace(/:\d+$/, '')
    return known.has(host) ? host : undefined
  }

  function awaited(client: Span): string | undefined {
    if (!isAnswered(client)) return undefined
    const service = serviceOf(client)
    const area = areaOf(client)
    if (service === undefined || area === undefined) return undefined
    const { takes, fastest } = known.get(service)!
    // A static file beside the service, or a path that is another's behind the same address.
    if (!takes.has(area)) return undefined
    if (mayBeFromBetween(client) && !takes.has(withStatus(area, client))) return undefined
    return mayBeCached(client, fastest) ? undefined : service
  }
  return { serviceOf, awaited }
}

/** The services that have sent SERVER spans, with the addresses that they tell and what they took up. */
export function servicesOf(spans: Iterable<Span>): KnownService[] {
  return [...collect(spans)].map(([name, { addresses, takes }]) => ({
    name,
    addresses: [...addresses],
    takes: [...takes],
  }))
}

function collect(spans: Iterable<Span>): Map<string, Known> {
  const known = new Map<string, Known>()
  const clients = new Map<string, Span>()
  const servers: Span[] = []
  for (const span of spans) {
    if (span.kind === 'client') clients.set(`${span.traceId} ${span.spanId}`, span)
    if (span.kind === 'server') servers.push(span)
  }
  for (const server of servers) {
    const service = entry(known, server.service)
    const client = clients.get(`${server.traceId} ${server.parentSpanId}`)
    // A proxy may have changed the path: what callers ask for counts as well.
    for (const side of client === undefined ? [server] : [server, client]) {
      const address = addressOf(side)
      const at = side === server ? service.addresses : service.called
      if (address !== undefined && /:\d+$/.test(address)) at.add(address)
      const area = areaOf(side)
      if (area === undefined || service.takes.size >= mostTaken) continue
      service.takes.add(area)
      service.takes.add(withStatus(area, server))
    }
    if (client === undefined || !isBrowser(client)) continue
    const took = client.end - client.start
    if (service.fastest === undefined || took < service.fastest) service.fastest = took
  }
  return known
}

function entry(known: Map<string, Known>, name: string): Known {
  const found = known.get(name)
  if (found !== undefined) return found
  const made: Known = {
    addresses: new Set(),
    called: new Set(),
    takes: new Set(),
    fastest: undefined,
  }
  known.set(name, made)
  return made
}

/** Calls are of one sort when they begin alike: `/api/items/7` is of `/api`. */
function areaOf(span: Span): string | undefined {
  const path = pathOf(span)
  if (path !== undefined) return /^\/[^/]*/.exec(path)?.[0]
  return rpcOf(span)?.split('/')[0]
}

function withStatus(area: string, span: Span): string {
  return `${area} ${statusOf(span) ?? rpcStatusOf(span) ?? ''}`
}

/** A page's cache answers in no time, compared with the way to the service. */
function mayBeCached(client: Span, fastest: bigint | undefined): boolean {
  if (!isBrowser(client) || !/^(GET|HEAD)$/.test(methodOf(client) ?? 'GET')) return false
  const took = client.end - client.start
  return fastest === undefined ? took < cacheTime : took * 2n < fastest
}
