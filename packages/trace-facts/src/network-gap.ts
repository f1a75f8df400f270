import type { Span } from '@pingtrace/otlp'
import type { TraceNode } from '@pingtrace/trace-tree'
import { max, min } from './bigints.ts'
import { clockGrain } from './clock-pairs.ts'
import { isDated } from './edges.ts'
import { text } from './span-facts.ts'

/**
 * What a call's time went into. `wait` is from the request to the first byte where the server's part
 * of it cannot be placed; `preflight` is what is before the request on a connection that is ready:
 * the CORS preflight, or waiting for a free connection, which browsers do not tell apart.
 */
export type CallPhase =
  | 'page'
  | 'queue'
  | 'dns'
  | 'connect'
  | 'tls'
  | 'preflight'
  | 'request'
  | 'wait'
  | 'server'
  | 'response'
  | 'download'
  | 'unknown'

/** Nanoseconds since the Unix epoch, by the caller's clock. */
export interface CallSegment {
  phase: CallPhase
  start: bigint
  end: bigint
}

/** A call seen from its CLIENT span: the time that it took, and who spent it. */
export interface NetworkGap {
  /** In order, without a hole, from the span's start to its end; none is empty. */
  segments: CallSegment[]
  /** The caller's duration minus the server's; undefined unless there is one SERVER span. */
  between: bigint | undefined
  /** The SERVER span lies outside of the call by the clocks as they are: it is in no segment. */
  isServerElsewhere: boolean
  /** Why phases are unknown, where the sender says it. */
  reason: string | undefined
}

/** Why a browser's timing is missing, in words: an attribute of our own instrumentation. */
const attrTimingUnknown = 'resource_timing.unknown'

/**
 * The way between a CLIENT span and its SERVER span, split by the Resource Timing that a browser's
 * span carries as events (web/src/tracing/resource-timing.ts; OpenTelemetry's own instrumentation
 * for browsers has the same names). What nobody tells is `unknown`.
 * @returns undefined for a node that is no call, or one of which nothing more is known
 */
export function networkGap(node: TraceNode): NetworkGap | undefined {
  const { span, children } = node
  if (span === undefined || span.kind !== 'client' || !isDated(span)) return undefined
  const servers = children.flatMap(({ span: child }) =>
    child?.kind === 'server' && isDated(child) ? [child] : [],
  )
  const phases = phasesOf(span)
  if (servers.length === 0 && phases.every(({ phase }) => phase === 'unknown')) return undefined
  const inside = servers.filter((server) => isWithin(server, phases))
  return {
    segments: inside.reduce(place, phases).filter(({ start, end }) => end > start),
    between: servers.length === 1 ? durationOf(span) - durationOf(servers[0]!) : undefined,
    isServerElsewhere: inside.length < servers.length,
    reason: text(span, attrTimingUnknown),
  }
}

const durationOf = ({ start, end }: Span) => end - start

/** The phase that ends with each moment; the first is what the page did before. */
const untilMoment: [moment: string, phase: CallPhase][] = [
  ['fetchStart', 'page'],
  ['domainLookupStart', 'queue'],
  ['domainLookupEnd', 'dns'],
  ['connectStart', 'queue'],
  ['secureConnectionStart', 'connect'],
  ['connectEnd', 'tls'],
  ['requestStart', 'preflight'],
  ['responseStart', 'wait'],
  ['responseEnd', 'download'],
]

/** Without the server: as the browser tells it, or unknown. */
function phasesOf(span: Span): CallSegment[] {
  const at = new Map(span.events.map(({ name, time }) => [name, time]))
  const moments = untilMoment.filter(([moment]) => at.has(moment))
  if (moments.length === 0) return [{ phase: 'unknown', start: span.start, end: span.end }]
  const isHidden = !at.has('requestStart') || !at.has('responseStart')
  const segments: CallSegment[] = []
  let start = span.start
  for (const [moment, phase] of moments) {
    const end = max(start, min(at.get(moment)!, span.end))
    const isPlain = moment === 'connectEnd' && !at.has('secureConnectionStart')
    const told = isHidden && phase !== 'page' ? 'unknown' : isPlain ? 'connect' : phase
    segments.push({ phase: told, start, end })
    start = end
  }
  segments.push({ phase: at.has('responseEnd') ? 'page' : 'unknown', start, end: span.end })
  return segments
}

/** Whether the server worked while it was asked to: by its start, since it may end late. */
function isWithin({ start, end }: Span, phases: readonly CallSegment[]): boolean {
  const waiting = phases.filter(({ phase }) => phase === 'wait' || phase === 'unknown')
  return waiting.some(
    (each) =>
      start >= each.start - clockGrain && start <= each.end + clockGrain && end >= each.start,
  )
}

/** What is before and after the server's time, in the phases that it can be in. */
const sides: Partial<Record<CallPhase, [before: CallPhase, after: CallPhase]>> = {
  wait: ['request', 'response'],
  // After a redirect, or an attempt that failed, comes the next one.
  response: ['response', 'response'],
  unknown: ['unknown', 'unknown'],
}

/** Puts the server's time into the phase that it was in. */
function place(segments: CallSegment[], server: Span): CallSegment[] {
  return segments.flatMap((segment) => {
    const { phase } = segment
    const start = max(segment.start, server.start)
    const end = min(segment.end, server.end)
    const around = sides[phase]
    if (around === undefined || end <= start) return [segment]
    const [before, after] = around
    return [
      { phase: before, start: segment.start, end: start },
      { phase: 'server', start, end },
      { phase: after, start: end, end: segment.end },
    ]
  })
}
