import type { Span } from '@pingtrace/otlp'
import {
  compare,
  indexServices,
  isOpenCall,
  isOutgoing,
  isUntraced,
  pathOf,
  processOf,
  statusOf,
  text,
} from '@pingtrace/trace-facts'
import type { TraceSubject } from '../trace-subject.ts'
import { agree } from './addresses.ts'
import { extractionKey, type Fit, fitOf, fitting, isInside, namesTrace } from './fit.ts'
import { type Stray, straysIn } from './stray-servers.ts'

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
  /** It came with the header of another call, which is there. */
  | 'stale'

/** A CLIENT span and a SERVER span that belong together and are not joined. */
export interface TornCall {
  tear: Tear
  client: Span
  server: Span
  /** The one of both that is in this trace (the client, when both are), and what fits it. */
  here: Span
  candidates: Span[]
  /** Nothing else fits either of them, and times and addresses leave no doubt. */
  isSole: boolean
  fit: Fit
}

/** A CLIENT span of which no other half is to be seen. */
export interface UnansweredCall {
  client: Span
  /** The service that was called, where we know it. */
  service: string | undefined
  /** Its SERVER span should be here, and nothing else explains that it is not. */
  isAwaited: boolean
}

export interface Calls {
  torn: TornCall[]
  unanswered: UnansweredCall[]
  /** SERVER spans of this trace below a call that is not theirs, as far as times alone tell. */
  late: Stray[]
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
  const near = familyOf(spans)
  const far = familyOf(elsewhere)
  const clientsHere = nodes.filter(isOpenCall).map(({ span }) => span)
  const clientsFar = elsewhere.filter((span) => isOutgoing(span) && !far.parents.has(span.spanId))
  // A SERVER span whose parent is at hand elsewhere is some other call's, and joined.
  const serversFar = elsewhere.filter(
    (span) => span.kind === 'server' && (isEntry(span, far) || far.strays.has(span)),
  )
  const misplaced = spans.filter((span) => isMisplaced(span, near))
  const clients = [...clientsHere, ...clientsFar]

  const torn: TornCall[] = []
  const unanswered: UnansweredCall[] = []
  const { serviceOf, awaited } = indexServices(
    [...spans, ...elsewhere],
    subject.options.services ?? [],
  )
  const others = misplaced.length + serversFar.length + clients.length
  const mostLookedAt = Math.max(1, Math.floor(mostComparisons / Math.max(1, others)))
  const strayOf = (server: Span) => near.strays.get(server) ?? far.strays.get(server)
  const match = (client: Span, server: Span): Fit | undefined => {
    const fit = fitOf(client, server)
    const stray = strayOf(server)
    return fit === undefined || stray === undefined || isFreeOf(stray, fit, client)
      ? fit
      : undefined
  }
  const join = (client: Span, server: Span, here: Span, servers: Span[], rivals: Span[]) => {
    const fit = match(client, server)
    const isPair = servers.length === 1 && rivals.length === 1
    // What another path leaves open must be beyond doubt otherwise.
    if (fit === undefined || (fit === 'rewritten' && !isPair)) return false
    const isSole =
      namesTrace(server, client.traceId) || (isPair && fit === 'same' && isBound(client, server))
    const tear = strayOf(server) === undefined ? tearOf(client, server) : 'stale'
    const candidates = here === client ? servers : rivals
    torn.push({ tear, client, server, here, candidates, isSole, fit })
    return true
  }

  for (const client of clientsHere.slice(0, mostLookedAt)) {
    const { spans: servers } = fitting([...misplaced, ...serversFar], (other) =>
      match(client, other),
    )
    sortByFit(servers, client)
    const [server] = servers
    if (server !== undefined) {
      const { spans: rivals } = fitting(clients, (other) => match(other, server))
      if (rivals.includes(client) && join(client, server, client, servers, rivals)) continue
    }
    if (isUntraced(pathOf(client))) continue
    unanswered.push({
      client,
      service: serviceOf(client),
      isAwaited: awaited(client) !== undefined,
    })
  }

  // Seen from the other half, so that whoever opens that one is told as well.
  const entries = spans.filter(
    (span) => span.kind === 'server' && (isEntry(span, near) || near.strays.has(span)),
  )
  for (const server of entries.slice(0, mostLookedAt)) {
    const { spans: rivals } = fitting(clientsFar, (client) => match(client, server))
    sortByFit(rivals, server)
    const [client] = rivals
    if (client === undefined) continue
    const { spans: servers } = fitting([...misplaced, ...serversFar, server], (other) =>
      match(client, other),
    )
    if (servers.includes(server)) join(client, server, server, [...new Set(servers)], rivals)
  }
  const late = [...near.strays.values()].filter(({ sign }) => sign === 'late')
  return { torn, unanswered, late }
}

interface Family {
  byId: Map<string, Span>
  parents: Set<string | undefined>
  strays: Map<Span, Stray>
}

function familyOf(spans: readonly Span[]): Family {
  return {
    byId: new Map(spans.map((span) => [span.spanId, span])),
    parents: new Set(spans.map(({ parentSpanId }) => parentSpanId)),
    strays: new Map(straysIn(spans).map((stray) => [stray.server, stray])),
  }
}

function isEntry({ parentSpanId }: Span, { byId }: Family): boolean {
  return parentSpanId === undefined || !byId.has(parentSpanId)
}

/** Below no call, or below another's: a parent that is not there, or is of another process and no call. */
function isMisplaced(span: Span, { byId, strays }: Family): boolean {
  if (span.kind !== 'server' || span.parentSpanId === undefined) return false
  if (strays.has(span)) return true
  const parent = byId.get(span.parentSpanId)
  if (parent === undefined) return true
  const isCall = parent.kind === 'client' || parent.kind === 'producer'
  return !isCall && processOf(parent) !== processOf(span)
}

/** Whether a SERVER span below another call is this one's: only where it asked for the very same. */
function isFreeOf({ parent, sign, server }: Stray, fit: Fit, client: Span): boolean {
  if (client === parent || fit !== 'same') return false
  return sign === 'late' || isInside(client, server)
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

/** One address, one answer, one time. */
function isBound(client: Span, server: Span): boolean {
  const answered = statusOf(client) !== undefined && statusOf(client) === statusOf(server)
  return answered && agree(client, server) && isInside(client, server)
}

function tearOf(client: Span, server: Span): Tear {
  if (server.traceId === client.traceId) return 'mismatch'
  if (server.parentSpanId !== undefined) return 'overwritten'
  const reason = text(server, extractionKey)
  if (reason === 'absent' || reason === 'malformed' || reason === 'duplicated') return reason
  return 'unexplained'
}
