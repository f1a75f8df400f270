import type { Span } from '@pingtrace/otlp'
import {
  compare,
  isOpenCall,
  isOutgoing,
  isUntraced,
  pathOf,
  processOf,
  serviceLookup,
  statusOf,
  text,
} from '@pingtrace/trace-facts'
import type { TraceSubject } from '../trace-subject.ts'
import { extractionKey, fits, isInside, namesTrace } from './fit.ts'

/** How the halves of a call came apart, by what the SERVER span tells. */
export type Tear =
  | 'absent'
  | 'malformed'
  | 'duplicated'
  /** It begins a trace and does not say why. */
  | 'unexplained'
  /** It is in yet another trace, whose parent nobody has sent. */
  | 'overwritten'
  /** It is in the client's trace, below another span. */
  | 'mismatch'

/** A CLIENT span and a SERVER span that belong together and are not joined. */
export interface TornCall {
  tear: Tear
  client: Span
  server: Span
  /** The one of both that is in this trace (the client, when both are), and what fits it. */
  here: Span
  candidates: Span[]
  /** Nothing else fits either of them, and times leave no doubt. */
  isSole: boolean
}

/** A CLIENT span of which no other half is to be seen. */
export interface UnansweredCall {
  client: Span
  /** The service that was called, where we would have its spans. */
  service: string | undefined
}

export interface Calls {
  torn: TornCall[]
  unanswered: UnansweredCall[]
}

/**
 * Halves are compared each with each, some hundreds with some hundreds. Of more only the first are looked
 * at, against all others: what is said of those is right, and of the rest it would be the same.
 */
const mostComparisons = 100_000

const found = new WeakMap<TraceSubject, Calls>()

/** Looks once for the calls of a trace that are not joined; several rules ask. */
export function callsOf(subject: TraceSubject): Calls {
  const known = found.get(subject)
  if (known !== undefined) return known
  const calls = findCalls(subject)
  found.set(subject, calls)
  return calls
}

function findCalls(subject: TraceSubject): Calls {
  const { nodes, elsewhere } = subject
  const spans = nodes.map(({ span }) => span)
  const far = family(elsewhere)
  const near = family(spans)
  const clientsHere = nodes.filter(isOpenCall).map(({ span }) => span)
  const clientsFar = elsewhere.filter((span) => isOutgoing(span) && !far.parents.has(span.spanId))
  // A SERVER span whose parent is at hand elsewhere is some other call's, and joined.
  const serversFar = elsewhere.filter(
    ({ kind, parentSpanId }) =>
      kind === 'server' && (parentSpanId === undefined || !far.ids.has(parentSpanId)),
  )
  const misplaced = spans.filter((span) => isMisplaced(span, near.byId))

  const torn: TornCall[] = []
  const unanswered: UnansweredCall[] = []
  const serviceOf = serviceLookup([...spans, ...elsewhere], subject.options.services)
  const others = misplaced.length + serversFar.length + clientsHere.length + clientsFar.length
  const mostLookedAt = Math.max(1, Math.floor(mostComparisons / Math.max(1, others)))
  for (const client of clientsHere.slice(0, mostLookedAt)) {
    const candidates = [...misplaced, ...serversFar].filter((server) => fits(client, server))
    sortByFit(candidates, client)
    const [server] = candidates
    if (server === undefined) {
      if (!isUntraced(pathOf(client))) unanswered.push({ client, service: serviceOf(client) })
      continue
    }
    const rivals = [...clientsHere, ...clientsFar].filter((other) => fits(other, server))
    const isSole = isOnly(candidates, rivals, client, server)
    torn.push({ tear: tearOf(client, server), client, server, here: client, candidates, isSole })
  }

  // Seen from the other half, so that whoever opens that one is told as well.
  const entries = spans.filter((span) => span.kind === 'server' && isEntry(span, near.byId))
  for (const server of entries.slice(0, mostLookedAt)) {
    const candidates = clientsFar.filter((client) => fits(client, server))
    sortByFit(candidates, server)
    const [client] = candidates
    if (client === undefined) continue
    const rivals = [...misplaced, ...serversFar, server].filter((other) => fits(client, other))
    const isSole = isOnly(rivals, candidates, client, server)
    torn.push({ tear: tearOf(client, server), client, server, here: server, candidates, isSole })
  }
  return { torn, unanswered }
}

function family(spans: readonly Span[]) {
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  const parents = new Set(spans.map(({ parentSpanId }) => parentSpanId))
  return { byId, ids: byId, parents }
}

function isEntry({ parentSpanId }: Span, byId: Map<string, Span>): boolean {
  return parentSpanId === undefined || !byId.has(parentSpanId)
}

/** Below no call: its parent is not there, or is of another process without being a CLIENT span. */
function isMisplaced(span: Span, byId: Map<string, Span>): boolean {
  if (span.kind !== 'server' || span.parentSpanId === undefined) return false
  const parent = byId.get(span.parentSpanId)
  if (parent === undefined) return true
  const isCall = parent.kind === 'client' || parent.kind === 'producer'
  return !isCall && processOf(parent) !== processOf(span)
}

/** A header that names the trace comes first, then whatever began soonest after or before. */
function sortByFit(candidates: Span[], span: Span): void {
  const distance = ({ start }: Span) =>
    start < span.start ? span.start - start : start - span.start
  candidates.sort((a, b) => {
    const named = Number(namesTrace(b, span.traceId)) - Number(namesTrace(a, span.traceId))
    if (named !== 0) return named
    return compare(distance(a), distance(b))
  })
}

function isOnly(servers: Span[], clients: Span[], client: Span, server: Span): boolean {
  if (namesTrace(server, client.traceId)) return true
  const answered = statusOf(client) !== undefined && statusOf(client) === statusOf(server)
  return servers.length === 1 && clients.length === 1 && answered && isInside(client, server)
}

function tearOf(client: Span, server: Span): Tear {
  if (server.traceId === client.traceId) return 'mismatch'
  if (server.parentSpanId !== undefined) return 'overwritten'
  const reason = text(server, extractionKey)
  if (reason === 'absent' || reason === 'malformed' || reason === 'duplicated') return reason
  return 'unexplained'
}
