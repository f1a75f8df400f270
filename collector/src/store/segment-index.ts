import type { TracesScan } from '../otlp/scan.ts'
import { ServiceLists } from './service-lists.ts'
import { SpanTable } from './span-table.ts'
import { Strings } from './strings.ts'
import { TraceTable } from './trace-table.ts'
import { isLess } from './uint64.ts'

/** Tells spans that were resent from spans that only share their ids; see resent-spans.ts. */
export interface ResentCheck {
  /** Whether span `i` of the payload is stored already, as `span` or another version of it. */
  isVersionOf(
    index: SegmentIndex,
    span: number,
    payload: Uint8Array,
    scan: TracesScan,
    i: number,
  ): boolean
  /** Tells a span from others with its ids. */
  digest(payload: Uint8Array, scan: TracesScan, i: number): string
}

/**
 * What can be answered of one segment's spans without reading them. It lives in memory, in columns
 * of numbers with no object per span, and is rebuilt from the segment at every start. When the
 * segment goes, so does this, all at once: nothing in another segment's index points into it by
 * more than an ordinal that is checked.
 */
export class SegmentIndex {
  /** The number of the segment. */
  readonly segment: number
  /** Counts the indexes since the start of the process. */
  readonly ordinal: number
  readonly traces = new TraceTable()
  readonly spans = new SpanTable()
  readonly strings = new Strings()
  readonly serviceLists = new ServiceLists()
  /** Of each service, its operations as `name * 8 + kind`. */
  readonly operations = new Map<number, Set<number>>()
  /** Of the first span of an id, the digests of what else came with that id. */
  readonly versions = new Map<number, Set<string>>()
  readonly #unknownService = this.strings.internText('unknown_service')

  constructor(segment: number, ordinal: number) {
    this.segment = segment
    this.ordinal = ordinal
  }

  /** Adds span `i` of a scanned payload to a trace. */
  addSpan(
    record: number,
    payload: Uint8Array,
    scan: TracesScan,
    i: number,
    trace: number,
    resent: ResentCheck,
  ): void {
    const namesake = this.spans.find(trace, payload, scan.spanIdOffset[i]!)
    if (namesake !== -1) this.#addVersion(namesake, resent.digest(payload, scan, i))
    const name = this.strings.intern(payload, scan.nameOffset[i]!, scan.nameLength[i]!)
    const service = this.#serviceOf(payload, scan, scan.resourceOf[i]!)
    const previous = this.traces.lastSpan.get(trace)
    const at = { trace, previous, record, name, service }
    const span = this.spans.add(payload, scan, i, at, namesake === -1)
    this.#addOperation(service, name, this.spans.kind(span))
    this.#addToTrace(trace, span)
  }

  /** The record in which the trace last grew here. */
  lastRecord(trace: number): number {
    return this.spans.record.get(this.traces.lastSpan.get(trace))
  }

  /** The first span that is in record `from` or later; the records of the spans never go down. */
  firstSpanFrom(from: number): number {
    let low = 0
    let high = this.spans.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.spans.record.get(middle) < from) low = middle + 1
      else high = middle
    }
    return low
  }

  startsRecord(span: number): boolean {
    return span === 0 || this.spans.record.get(span) !== this.spans.record.get(span - 1)
  }

  #addVersion(span: number, digest: string): void {
    const versions = this.versions.get(span)
    if (versions === undefined) this.versions.set(span, new Set([digest]))
    else versions.add(digest)
  }

  #serviceOf(payload: Uint8Array, scan: TracesScan, resource: number): number {
    const length = scan.serviceLength[resource]!
    if (length === 0) return this.#unknownService
    return this.strings.intern(payload, scan.serviceOffset[resource]!, length)
  }

  #addOperation(service: number, name: number, kind: number): void {
    let operations = this.operations.get(service)
    if (operations === undefined) {
      operations = new Set()
      this.operations.set(service, operations)
    }
    operations.add(name * 8 + kind)
  }

  #addToTrace(trace: number, span: number): void {
    const t = this.traces
    const s = this.spans
    t.lastSpan.set(trace, span)
    t.spanCount.set(trace, t.spanCount.get(trace) + 1)
    if (s.isError(span)) t.errorCount.set(trace, t.errorCount.get(trace) + 1)
    t.serviceList.set(trace, this.serviceLists.with(t.serviceList.get(trace), s.service.get(span)))
    const title = t.titleSpan.get(trace)
    if (title === -1 || isBetterTitle(s, span, s, title)) t.titleSpan.set(trace, span)
    this.#widen(trace, span)
    t.touch(trace)
  }

  /** Times left out (0) say nothing about when the trace was. */
  #widen(trace: number, span: number): void {
    const t = this.traces
    const s = this.spans
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
}

/** A span without a parent names its trace; among equals the earlier start does. */
export function isBetterTitle(s: SpanTable, span: number, than: SpanTable, other: number): boolean {
  if (s.hasParent(span) !== than.hasParent(other)) return !s.hasParent(span)
  return isLess(
    s.startHigh.get(span),
    s.startLow.get(span),
    than.startHigh.get(other),
    than.startLow.get(other),
  )
}
