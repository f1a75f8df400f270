import type { Span } from '@pingtrace/otlp'
import { isAnsweredCall, isDated, methodOf, ms, pathOf } from '@pingtrace/trace-facts'
import { isEndOf } from './fit.ts'

/** Clocks of pages and of stock SDKs are whole milliseconds, on both sides. */
const grain = ms(2)

/** A SERVER span below a CLIENT span that is not of its request. */
export interface Stray {
  server: Span
  /** The call whose header it came with. */
  parent: Span
  /**
   * - `late`: the call was answered, by another SERVER span, before this one began. Retries and
   *   redirects come while the call lasts, so another request had the same header
   * - `other`: the call asked for something else. A proxy may have changed that, so this alone is nothing
   */
  sign: 'late' | 'other'
}

/** Looks below every CLIENT span for SERVER spans that are not its own. */
export function straysIn(spans: readonly Span[]): Stray[] {
  const clients = new Map<string, Span>()
  for (const span of spans)
    if (span.kind === 'client' && isDated(span)) clients.set(span.spanId, span)
  const serversOf = new Map<Span, Span[]>()
  for (const server of spans) {
    if (server.kind !== 'server' || !isDated(server)) continue
    const parent = clients.get(server.parentSpanId ?? '')
    if (parent?.traceId !== server.traceId) continue
    const others = serversOf.get(parent)
    if (others === undefined) serversOf.set(parent, [server])
    else others.push(server)
  }
  return [...serversOf].flatMap(([parent, servers]) => {
    const isAnswered = servers.some((server) => isWithin(parent, server))
    return servers.flatMap((server): Stray[] => {
      const isLate = isAnswered && server.start > parent.end + grain
      if (isLate && isAnsweredCall(parent, server)) return [{ server, parent, sign: 'late' }]
      return askedForOther(parent, server) ? [{ server, parent, sign: 'other' }] : []
    })
  })
}

/** By one clock or two: what began and ended while the call lasted was its answer. */
function isWithin(parent: Span, server: Span): boolean {
  return server.start >= parent.start - grain && server.end <= parent.end + grain
}

function askedForOther(parent: Span, server: Span): boolean {
  const [asked, answered] = [pathOf(parent), pathOf(server)]
  if (asked === undefined || answered === undefined) return false
  if (methodOf(parent) !== undefined && methodOf(server) !== undefined) {
    if (methodOf(parent) !== methodOf(server)) return true
  }
  return asked !== answered && !isEndOf(asked, answered) && !isEndOf(answered, asked)
}
