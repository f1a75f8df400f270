import type { TraceSummary } from '@pingtrace/otlp'
import type { TracesScan } from '../otlp/scan.ts'
import { ServiceLists } from './service-lists.ts'
import { SpanTable } from './span-table.ts'
import { Strings } from './strings.ts'
import { TraceTable } from './trace-table.ts'
import { isLess, toBigInt } from './uint64.ts'

/** Tells spans that were resent from spans that only share their ids; see resent-spans.ts. */
export interface ResentCheck {
  /** Whether span `i` of the payload being added is stored already; `span` has the same ids. */
  isResent(span: number, payload: Uint8Array, scan: TracesScan, i: number): boolean
}

export interface Operation {
  name: string
  /** Number of Span.SpanKind in trace.proto. */
  kind: number
}

/** Span.SpanKind of trace.proto has the numbers 0 to 5; the enum is open, other numbers count as 0. */
const kindCount = 6

/**
 * What can be answered of the stored spans without reading them. It lives in memory, in columns of
 * numbers with no object per span, and is rebuilt from the segments at every start.
 */
export class TraceIndex {
  readonly #traces = new TraceTable()
  readonly #spans = new SpanTable()
  readonly #strings = new Strings()
  readonly #serviceLists = new ServiceLists()
  /** Of each service, its operations as `name * 8 + kind`. */
  readonly #operations = new Map<number, Set<number>>()
  readonly #unknownService = this.#strings.internText('unknown_service')

  get traceCount(): number {
    return this.#traces.count
  }

  get spanCount(): number {
    return this.#spans.count
  }

  /**
   * Adds the spans of a stored record. Records come in order, each once.
   * Skips spans that nobody could find (no valid ids) and spans that are stored already.
   */
  add(record: number, payload: Uint8Array, scan: TracesScan, resent: ResentCheck): void {
    for (let i = 0; i < scan.spanCount; i++) {
      if (scan.traceIdOffset[i] === -1 || scan.spanIdOffset[i] === -1) continue
      const trace = this.#traces.findOrAdd(payload, scan.traceIdOffset[i]!)
      const namesake = this.#spans.find(trace, payload, scan.spanIdOffset[i]!)
      if (namesake !== -1 && resent.isResent(namesake, payload, scan, i)) continue
      this.#addSpan(record, payload, scan, i, trace, namesake === -1)
    }
  }

  #addSpan(
    record: number,
    payload: Uint8Array,
    scan: TracesScan,
    i: number,
    trace: number,
    isFirstOfItsId: boolean,
  ): void {
    const name = this.#strings.intern(payload, scan.nameOffset[i]!, scan.nameLength[i]!)
    const service = this.#serviceOf(payload, scan, scan.resourceOf[i]!)
    const previous = this.#traces.lastSpan.get(trace)
    const at = { trace, previous, record, name, service }
    const span = this.#spans.add(payload, scan, i, at, isFirstOfItsId)
    this.#addOperation(service, name, scan.kind[i]!)
    this.#addToTrace(trace, span)
  }

  #serviceOf(payload: Uint8Array, scan: TracesScan, resource: number): number {
    const length = scan.serviceLength[resource]!
    if (length === 0) return this.#unknownService
    return this.#strings.intern(payload, scan.serviceOffset[resource]!, length)
  }

  #addOperation(service: number, name: number, kind: number): void {
    let operations = this.#operations.get(service)
    if (operations === undefined) {
      operations = new Set()
      this.#operations.set(service, operations)
    }
    operations.add(name * 8 + (kind < kindCount ? kind : 0))
  }

  #addToTrace(trace: number, span: number): void {
    const t = this.#traces
    const s = this.#spans
    t.lastSpan.set(trace, span)
    t.spanCount.set(trace, t.spanCount.get(trace) + 1)
    if (s.isError(span)) t.errorCount.set(trace, t.errorCount.get(trace) + 1)
    t.serviceList.set(trace, this.#serviceLists.with(t.serviceList.get(trace), s.service.get(span)))
    if (this.#isBetterTitle(span, t.titleSpan.get(trace))) t.titleSpan.set(trace, span)
    this.#widen(trace, span)
    t.touch(trace)
  }

  /** A span without a parent names its trace; among equals the earlier start does. */
  #isBetterTitle(span: number, than: number): boolean {
    if (than === -1) return true
    const s = this.#spans
    if (s.hasParent(span) !== s.hasParent(than)) return !s.hasParent(span)
    return isLess(
      s.startHigh.get(span),
      s.startLow.get(span),
      s.startHigh.get(than),
      s.startLow.get(than),
    )
  }

  /** Times left out (0) say nothing about when the trace was. */
  #widen(trace: number, span: number): void {
    const t = this.#traces
    const s = this.#spans
    const startHigh = s.startHigh.get(span)
    const startLow = s.startLow.get(span)
    const known = t.startHigh.get(trace) !== 0 || t.startLow.get(trace) !== 0
    const given = startHigh !== 0 || startLow !== 0
    const earlier = isLess(startHigh, startLow, t.startHigh.get(trace), t.startLow.get(trace))
    if (given && (!known || earlier)) {
      t.startHigh.set(trace, startHigh)
      t.startLow.set(trace, startLow)
    }
    const endHigh = s.endHigh.get(span)
    const endLow = s.endLow.get(span)
    if (isLess(t.endHigh.get(trace), t.endLow.get(trace), endHigh, endLow)) {
      t.endHigh.set(trace, endHigh)
      t.endLow.set(trace, endLow)
    }
  }

  /** The number of the trace with this id (16 bytes), or -1. */
  findTrace(id: Uint8Array): number {
    return this.#traces.find(id, 0)
  }

  /** The record in which the trace last grew. */
  lastRecord(trace: number): number {
    return this.#spans.record.get(this.#traces.lastSpan.get(trace))
  }

  recordOf(span: number): number {
    return this.#spans.record.get(span)
  }

  /** Where the span's message starts in its record's payload. */
  offsetOf(span: number): number {
    return this.#spans.offset.get(span)
  }

  /** Bytes of the span's message. */
  lengthOf(span: number): number {
    return this.#spans.length.get(span)
  }

  /** The trace's spans that arrived in record `from` or later, in order of arrival. */
  spansOf(trace: number, from: number): number[] {
    const spans: number[] = []
    let span = this.#traces.lastSpan.get(trace)
    while (span !== -1 && this.#spans.record.get(span) >= from) {
      spans.push(span)
      span = this.#spans.previous.get(span)
    }
    return spans.reverse()
  }

  /** Numbers of the traces that changed last, newest first. */
  newestTraces(limit: number): number[] {
    const traces: number[] = []
    let trace = this.#traces.newest
    while (trace !== -1 && traces.length < limit) {
      traces.push(trace)
      trace = this.#traces.older(trace)
    }
    return traces
  }

  /**
   * Numbers of the traces that grew in record `from` or later, newest first. From `limit`
   * traces on, the records from `before` on are left for the next call.
   */
  tracesChangedFrom(from: number, limit: number): { traces: number[]; before?: number } {
    const changed = new Set<number>()
    let span = this.#firstSpanFrom(from)
    for (; span < this.#spans.count; span++) {
      if (changed.size >= limit && this.#startsRecord(span)) break
      changed.add(this.#spans.trace.get(span))
    }
    const traces = [...changed].sort(
      (a, b) => this.#traces.lastSpan.get(b) - this.#traces.lastSpan.get(a),
    )
    return span === this.#spans.count
      ? { traces }
      : { traces, before: this.#spans.record.get(span) }
  }

  #startsRecord(span: number): boolean {
    return this.#spans.record.get(span) !== this.#spans.record.get(span - 1)
  }

  /** Binary search: the records of the spans never go down. */
  #firstSpanFrom(record: number): number {
    let low = 0
    let high = this.#spans.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#spans.record.get(middle) < record) low = middle + 1
      else high = middle
    }
    return low
  }

  summary(trace: number, arrivedAt: number): TraceSummary {
    const t = this.#traces
    const title = t.titleSpan.get(trace)
    const start = toBigInt(t.startHigh.get(trace), t.startLow.get(trace))
    const end = toBigInt(t.endHigh.get(trace), t.endLow.get(trace))
    return {
      traceId: t.hexId(trace),
      name: this.#strings.text(this.#spans.name.get(title)),
      service: this.#strings.text(this.#spans.service.get(title)),
      hasRoot: !this.#spans.hasParent(title),
      services: this.#serviceLists
        .services(t.serviceList.get(trace))
        .map((service) => this.#strings.text(service)),
      spanCount: t.spanCount.get(trace),
      errorCount: t.errorCount.get(trace),
      startTimeUnixNano: String(start),
      durationNano: String(end > start ? end - start : 0n),
      arrivedAt,
    }
  }

  /** In alphabetical order. */
  services(): string[] {
    return [...this.#operations.keys()].map((service) => this.#strings.text(service)).sort()
  }

  /** By name, then by kind; none for a service that is not known. */
  operations(service: string): Operation[] {
    // Not interned: what people ask for must not grow the index.
    const id = [...this.#operations.keys()].find((known) => this.#strings.text(known) === service)
    if (id === undefined) return []
    return [...this.#operations.get(id)!]
      .map((key) => ({ name: this.#strings.text(Math.floor(key / 8)), kind: key % 8 }))
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.kind - b.kind))
  }
}
