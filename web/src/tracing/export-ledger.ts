import { type SpanContext, TraceFlags } from '@opentelemetry/api'

/** What became of the spans of one trace, as far as this process had a hand in it. */
export interface SpanFates {
  /** The ids of those that a collector has acknowledged. */
  exported: string[]
  /** Spans that will not arrive: no room in the queue, refused for good, or given up. */
  dropped: number
  /** Spans whose fate is not known: they run, or wait for the collector. */
  open: number
}

export interface FlushReport {
  /** By trace id, in hex. */
  traces: Record<string, SpanFates>
}

interface AnySpan {
  spanContext(): SpanContext
}

/** Beyond this many the trace that was begun first is forgotten: about 5 MB. */
const MAX_TRACES = 10_000

/**
 * A span processor that keeps account of every span from its start until it was exported or dropped,
 * for each trace. Only for tests, which must tell a span that is late from one that will never come,
 * and both from one that nobody has begun.
 *
 * A span that the collector took and then rejected (OTLP's partial success) counts as exported,
 * because the stock exporters only log that: whoever reads the collector misses its id there.
 */
export class ExportLedger {
  readonly #traces = new Map<string, SpanFates>()

  onStart(span: AnySpan): void {
    const { traceId, traceFlags } = span.spanContext()
    // One that is recorded and not sampled is never exported, and never dropped either.
    if ((traceFlags & TraceFlags.SAMPLED) !== 0) this.#of(traceId).open++
  }

  /** Where a span's way ends. */
  settle(spans: readonly AnySpan[], outcome: 'exported' | 'dropped'): void {
    for (const span of spans) {
      const { traceId, spanId } = span.spanContext()
      const fates = this.#traces.get(traceId)
      // Of a trace that is forgotten half an account would be a wrong one.
      if (fates === undefined) continue
      fates.open--
      if (outcome === 'exported') fates.exported.push(spanId)
      else fates.dropped++
    }
  }

  /** Since the beginning; of these traces alone, where they are named. */
  report(traceIds: Iterable<string> = this.#traces.keys()): FlushReport {
    const known = [...traceIds].flatMap((traceId) => {
      const fates = this.#traces.get(traceId)
      return fates === undefined ? [] : [[traceId, structuredClone(fates)] as const]
    })
    return { traces: Object.fromEntries(known) }
  }

  onEnd(): void {
    // That a span is over is not yet its fate.
  }

  forceFlush(): Promise<void> {
    return Promise.resolve()
  }

  shutdown(): Promise<void> {
    return Promise.resolve()
  }

  #of(traceId: string): SpanFates {
    const known = this.#traces.get(traceId)
    if (known !== undefined) return known
    const [first] = this.#traces.keys()
    if (first !== undefined && this.#traces.size >= MAX_TRACES) this.#traces.delete(first)
    const fates = { exported: [], dropped: 0, open: 0 }
    this.#traces.set(traceId, fates)
    return fates
  }
}
