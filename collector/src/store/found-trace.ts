import { type IndexedTrace, idOf, timesOf, titleOf } from './trace-summary.ts'

/** A trace in the words of Jaeger's `trace-summaries`. */
export interface FoundTrace {
  /** 32 lower-case hex digits. */
  traceId: string
  /** Both absent when no span without a parent is stored. */
  rootServiceName?: string
  rootOperationName?: string
  /** Nanoseconds since the Unix epoch, decimal. */
  minStartTimeUnixNano: string
  maxEndTimeUnixNano: string
  spanCount: number
  errorSpanCount: number
  /** Spans whose parent is not stored. */
  orphanSpanCount: number
  /** In alphabetical order. */
  services: { name: string; spanCount: number; errorSpanCount: number }[]
}

/** Sums a trace up from the index alone, in time that grows with its spans. */
export function describeFound(trace: IndexedTrace): FoundTrace {
  const { index, span } = titleOf(trace)
  const { start, end } = timesOf(trace)
  const { spans, strings } = index
  const root = {
    rootServiceName: strings.text(spans.service.get(span)),
    rootOperationName: strings.text(spans.name.get(span)),
  }
  return {
    traceId: idOf(trace),
    ...(spans.hasParent(span) ? {} : root),
    minStartTimeUnixNano: String(start),
    maxEndTimeUnixNano: String(end),
    ...countSpans(trace),
  }
}

function countSpans(trace: IndexedTrace) {
  const services = new Map<string, FoundTrace['services'][number]>()
  const total = { spanCount: 0, errorSpanCount: 0, orphanSpanCount: 0 }
  for (const { index, row } of trace) {
    const { spans, strings, traces } = index
    for (let at = traces.lastSpan.get(row); at !== -1; at = spans.previous.get(at)) {
      const name = strings.text(spans.service.get(at))
      const service = services.get(name) ?? { name, spanCount: 0, errorSpanCount: 0 }
      services.set(name, service)
      for (const counts of [service, total]) {
        counts.spanCount++
        if (spans.isError(at)) counts.errorSpanCount++
      }
      const parentIsStored = () =>
        trace.some((part) => part.index.spans.hasParentOf(spans, at, part.row))
      if (spans.hasParent(at) && !parentIsStored()) total.orphanSpanCount++
    }
  }
  const byName = [...services.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  return { ...total, services: byName }
}
