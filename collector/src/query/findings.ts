import {
  diagnose,
  type Finding,
  looseEnds,
  type RefusedRequest,
  servicesOf,
} from '@pingtrace/doctor'
import { readSpans, type Span, type TracesData } from '@pingtrace/otlp'
import { Hono } from 'hono'
import type { TraceStore } from '../store/trace-store.ts'
import { apiError, isTraceId } from './api-v3.ts'
import type { QueryLimits } from './limits.ts'
import type { RequestSource } from './requests.ts'

/**
 * How long before and after a trace, and among how many others each time, the other half of a torn call is
 * looked for: first where it has to be, so that what came later does not push it out.
 */
const windows = [
  { before: 1_000_000_000n, after: 100_000_000n },
  { before: 60_000_000_000n, after: 60_000_000_000n },
]
const maxNeighbours = 100

/**
 * `GET /live/v1/traces/{traceId}/findings`: what the doctor says of a trace (docs/doctor.md).
 * @param hasRules whether the rules are described at `/doctor.html` (viewerFiles), which links lead to then
 */
export function findings(
  store: TraceStore,
  { traceBytes }: Pick<QueryLimits, 'traceBytes'>,
  received?: RequestSource,
  hasRules = false,
): Hono {
  const app = new Hono()

  app.get('/traces/:traceId/findings', async (c) => {
    const traceId = c.req.param('traceId').toLowerCase()
    if (!isTraceId(traceId)) return apiError(c, 400, 'a trace id has 32 hex digits')
    const found = await findingsOf(store, traceId, traceBytes, received)
    if (found === undefined) return apiError(c, 404, 'no span of this trace is stored')
    if (!hasRules) return c.json({ findings: found })
    const rules = new URL('/doctor.html', c.req.url).href
    return c.json({ findings: found.map((each) => ({ ...each, link: `${rules}#${each.rule}` })) })
  })

  app.onError((error, c) => {
    if (error instanceof TraceTooLargeError) return apiError(c, 400, error.message)
    // For the server's own handler, which logs it.
    throw error
  })

  return app
}

/** A trace is more than one answer may read. */
export class TraceTooLargeError extends Error {
  override name = 'TraceTooLargeError'
}

/**
 * All that is stored of a trace.
 * @throws TraceTooLargeError
 */
export function readWholeTrace(store: TraceStore, traceId: string, maxBytes: number): TracesData {
  const { content, next } = store.readTrace(traceId, 0, maxBytes)
  if (next === store.end) return content
  throw new TraceTooLargeError(`the trace has over ${maxBytes} bytes of spans, too many to read`)
}

/**
 * What the doctor says of a stored trace; undefined when no span of it is stored.
 * @param maxBytes of its spans, as they are stored
 * @throws TraceTooLargeError
 */
export async function findingsOf(
  store: TraceStore,
  traceId: string,
  maxBytes: number,
  received?: RequestSource,
): Promise<Finding[] | undefined> {
  const summary = store.summaryOf(traceId)
  if (summary === undefined) return undefined
  const start = BigInt(summary.startTimeUnixNano)
  const near = await idsNear(store, start, BigInt(summary.durationNano))
  // From here on without a pause: one such question at a time holds spans.
  const last = store.summaryOf(traceId)?.arrivedAt
  if (last === undefined) return undefined
  const spans = readSpans(readWholeTrace(store, traceId, maxBytes))
  const others = readThose(store, near, maxBytes)
  return diagnose(spans, {
    elsewhere: looseEnds(others),
    services: servicesOf([...spans, ...others]),
    arrival: { now: Date.now(), last },
    ingest: refusedRequests(received),
  })
}

function refusedRequests(received: RequestSource | undefined): RefusedRequest[] {
  return (received?.after(0) ?? []).flatMap((request) => {
    const { time, kind, outcome, origin, service, message = 'refused' } = request
    if (outcome !== 'refused' || (kind !== 'traces' && kind !== 'preflight')) return []
    const known = {
      ...(origin !== undefined && { origin }),
      ...(service !== undefined && { service }),
    }
    return [{ kind, time, ...known, reason: message }]
  })
}

/** The ids of the traces that were going on around the same time, this one among them; the nearest first. */
async function idsNear(store: TraceStore, start: bigint, duration: bigint): Promise<string[]> {
  const ids = new Set<string>()
  for (const { before, after } of windows) {
    const found = await store.findTraces({
      service: undefined,
      operation: undefined,
      startMin: start - before,
      startMax: start + duration + after,
      durationMin: undefined,
      durationMax: undefined,
      attributes: new Map(),
      limit: maxNeighbours,
    })
    for (const id of found) ids.add(id)
  }
  return [...ids]
}

/** The spans of those traces that are not too many bytes together. */
function readThose(store: TraceStore, traceIds: readonly string[], maxBytes: number): Span[] {
  let bytesLeft = maxBytes
  const fitting = traceIds.filter((traceId) => {
    const bytes = store.bytesOf(traceId)
    if (bytes > bytesLeft) return false
    bytesLeft -= bytes
    return true
  })
  return fitting.flatMap((traceId) => readSpans(store.readTrace(traceId).content))
}
