import type { SpanContext } from '@opentelemetry/api'

/** What became of the spans of one trace, as far as this process had a hand in it. */
export interface TraceCounts {
  /** Spans that a collector has acknowledged. */
  exported: number
  /** Spans that will not arrive: no room in the queue, refused for good, or given up. */
  dropped: number
}

export interface FlushReport {
  /** By trace id, in hex. */
  traces: Record<string, TraceCounts>
}

/** Beyond this many the trace that was first counted is forgotten: about 2 MB. */
const MAX_TRACES = 10_000

/**
 * Counts the spans that were exported and dropped, for each trace, since somebody last asked. Only
 * for tests, which must tell a span that is late from one that will never come.
 *
 * A span is counted once, when its fate is known; one that waits for the collector is in no count
 * yet. One that the collector took and then rejected (OTLP's partial success) counts as exported,
 * because the stock exporters only log that.
 */
export class ExportCounts {
  readonly #traces = new Map<string, TraceCounts>()

  add(spans: readonly { spanContext(): SpanContext }[], outcome: keyof TraceCounts): void {
    for (const span of spans) {
      const { traceId } = span.spanContext()
      const counts = this.#traces.get(traceId) ?? this.#start(traceId)
      counts[outcome]++
    }
  }

  /** The counts since the last call; they start anew from zero. */
  take(): FlushReport {
    const traces = Object.fromEntries(this.#traces)
    this.#traces.clear()
    return { traces }
  }

  #start(traceId: string): TraceCounts {
    const [first] = this.#traces.keys()
    if (first !== undefined && this.#traces.size >= MAX_TRACES) this.#traces.delete(first)
    const counts = { exported: 0, dropped: 0 }
    this.#traces.set(traceId, counts)
    return counts
  }
}
