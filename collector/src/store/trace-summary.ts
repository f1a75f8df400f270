import type { TraceSummary } from '@pingtrace/otlp'
import { isBetterTitle, type SegmentIndex } from './segment-index.ts'
import { toBigInt } from './uint64.ts'

/** A trace in the index: its part in each segment that has any of its spans, the oldest first. */
export type IndexedTrace = readonly { readonly index: SegmentIndex; readonly row: number }[]

/** Sums up what is left of a trace: parts that retention took are in none of the numbers. */
export function summarize(trace: IndexedTrace, arrivedAt: number): TraceSummary {
  const { index, span } = titleOf(trace)
  const { start, end } = timesOf(trace)
  return {
    traceId: idOf(trace),
    name: index.strings.text(index.spans.name.get(span)),
    service: index.strings.text(index.spans.service.get(span)),
    hasRoot: !index.spans.hasParent(span),
    services: servicesOf(trace),
    spanCount: sum(trace, ({ traces }, row) => traces.spanCount.get(row)),
    errorCount: sum(trace, ({ traces }, row) => traces.errorCount.get(row)),
    startTimeUnixNano: String(start),
    durationNano: String(end > start ? end - start : 0n),
    arrivedAt,
  }
}

/** 32 lower-case hex digits. */
export function idOf(trace: IndexedTrace): string {
  const { index, row } = trace[0]!
  return index.traces.id(row).toString('hex')
}

/** The span that names the trace: of equals, the one that arrived first. */
export function titleOf(trace: IndexedTrace): { index: SegmentIndex; span: number } {
  const titles = trace.map(({ index, row }) => ({ index, span: index.traces.titleSpan.get(row) }))
  return titles.reduce((best, title) =>
    isBetterTitle(title.index.spans, title.span, best.index.spans, best.span) ? title : best,
  )
}

/** The earliest start and the latest end, nanoseconds since the Unix epoch; 0 where none is known. */
export function timesOf(trace: IndexedTrace): { start: bigint; end: bigint } {
  let start = 0n
  let end = 0n
  for (const { index, row } of trace) {
    const { startHigh, startLow, endHigh, endLow } = index.traces
    const partStart = toBigInt(startHigh.get(row), startLow.get(row))
    const partEnd = toBigInt(endHigh.get(row), endLow.get(row))
    if (partStart !== 0n && (start === 0n || partStart < start)) start = partStart
    if (partEnd > end) end = partEnd
  }
  return { start, end }
}

/** In the order in which they first arrived. */
function servicesOf(trace: IndexedTrace): string[] {
  const services = trace.flatMap(({ index, row }) =>
    index.serviceLists
      .services(index.traces.serviceList.get(row))
      .map((service) => index.strings.text(service)),
  )
  return [...new Set(services)]
}

function sum(trace: IndexedTrace, value: (index: SegmentIndex, row: number) => number): number {
  return trace.reduce((total, { index, row }) => total + value(index, row), 0)
}
