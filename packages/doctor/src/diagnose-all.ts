import type { Span } from '@pingtrace/otlp'
import { compare, max, min, servicesOf } from '@pingtrace/trace-facts'
import { straysIn } from './calls/stray-servers.ts'
import { diagnose } from './diagnose.ts'
import type { Finding } from './finding.ts'
import type { DiagnoseOptions } from './options.ts'

/** Nanoseconds. Farther away than this nobody looks for the other half of a call. */
const near = 60_000_000_000n

/**
 * Diagnoses spans of any number of traces, for example of a file. Each trace has the spans of the
 * others for `elsewhere`.
 * @returns the findings of each trace, in the order in which the traces first appear
 */
export function diagnoseAll(
  spans: readonly Span[],
  options: Omit<DiagnoseOptions, 'elsewhere'> = {},
): Map<string, Finding[]> {
  const traces = groupByTrace(spans)
  const others = traces.size > 1 ? looseEnds(spans) : []
  const services = [...(options.services ?? []), ...servicesOf(spans)]
  const findings = new Map<string, Finding[]>()
  for (const [traceId, trace] of traces) {
    const elsewhere = around(others, trace)
    findings.set(traceId, diagnose(trace, { ...options, services, elsewhere }))
  }
  return findings
}

function isRootCall({ kind, parentSpanId }: Span): boolean {
  return kind === 'client' && parentSpanId === undefined
}

/**
 * What of the traces others may have to do with, by start: roots, calls and messages that nobody took
 * up, and SERVER and CONSUMER spans whose parent is not there or another call. What is joined is
 * nobody's other half; a call that is a root comes with its answer, which says that it has one.
 */
export function looseEnds(spans: Iterable<Span>): Span[] {
  const all = [...spans]
  const linked = new Set(all.flatMap(({ links }) => links.map(({ spanId }) => spanId)))
  return [...groupByTrace(all).values()]
    .flatMap((trace) => {
      const ids = new Set(trace.map(({ spanId }) => spanId))
      const parents = new Set(trace.map(({ parentSpanId }) => parentSpanId))
      const rootCalls = new Set(trace.filter(isRootCall).map(({ spanId }) => spanId))
      const strayBelow = new Set(straysIn(trace).map(({ parent }) => parent.spanId))
      return trace.filter(({ kind, spanId, parentSpanId }) => {
        if (parentSpanId === undefined) return true
        if (kind === 'client') return !parents.has(spanId) || strayBelow.has(spanId)
        if (kind === 'producer') return !parents.has(spanId) && !linked.has(spanId)
        if (kind !== 'server' && kind !== 'consumer') return false
        return !ids.has(parentSpanId) || rootCalls.has(parentSpanId) || strayBelow.has(parentSpanId)
      })
    })
    .sort((a, b) => compare(a.start, b.start))
}

function groupByTrace(spans: Iterable<Span>): Map<string, Span[]> {
  const traces = new Map<string, Span[]>()
  for (const span of spans) {
    const trace = traces.get(span.traceId)
    if (trace) trace.push(span)
    else traces.set(span.traceId, [span])
  }
  return traces
}

function around(sorted: readonly Span[], trace: readonly Span[]): Span[] {
  const starts = trace.map(({ start }) => start)
  const ends = trace.map(({ end }) => end)
  const from = starts.reduce(min) - near
  const to = ends.reduce(max) + near
  return sorted.slice(firstFrom(sorted, from), firstFrom(sorted, to))
}

/** The index of the first span that starts at `time` or later. */
function firstFrom(sorted: readonly Span[], time: bigint): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]!.start < time) low = middle + 1
    else high = middle
  }
  return low
}
