import { randomInt } from 'node:crypto'
import type { TracesScan } from '../otlp/scan.ts'
import { type AttributeProbes, BlockKeys, type SpanRange } from './block-keys.ts'
import { isBetterTitle, type ResentCheck, type SegmentIndex } from './segment-index.ts'
import { ServiceLists } from './service-lists.ts'
import { SpanTable } from './span-table.ts'
import { Strings } from './strings.ts'
import { TraceTable } from './trace-table.ts'
import { isLess } from './uint64.ts'

/**
 * The index of a segment that is not sealed. It lives in memory, in columns of numbers with no object
 * per span, and is rebuilt from the segment at every start.
 */
export class LiveIndex implements SegmentIndex {
  readonly segment: number
  readonly identity = randomInt(2 ** 32)
  readonly traces = new TraceTable()
  readonly spans = new SpanTable(this.traces)
  readonly strings = new Strings()
  readonly serviceLists = new ServiceLists()
  readonly operations = new Map<number, Set<number>>()
  readonly blocks = new BlockKeys()
  readonly #versions = new Map<number, Set<string>>()
  readonly #unknownService = this.strings.internText('unknown_service')
  /** Of the span before, because the next one mostly has the same. */
  #last = { record: -1, resource: -1, service: -1, operation: -1 }

  constructor(segment: number) {
    this.segment = segment
  }

  /** The spans that have versions, and their digests. */
  get allVersions(): ReadonlyMap<number, ReadonlySet<string>> {
    return this.#versions
  }

  versions(span: number): ReadonlySet<string> | undefined {
    return this.#versions.get(span)
  }

  ranges(probes: AttributeProbes): readonly SpanRange[] {
    if (probes.length === 0) return [[0, this.spans.count]]
    return this.blocks.ranges(probes, this.spans.count)
  }

  /**
   * Adds span `i` of a scanned payload to a trace.
   * @param namesake the first span with the same id in the trace, or -1
   */
  addSpan(
    record: number,
    payload: Uint8Array,
    scan: TracesScan,
    i: number,
    trace: number,
    namesake: number,
    resent: ResentCheck,
  ): void {
    if (namesake !== -1) this.#addVersion(namesake, resent.digest(payload, scan, i))
    const name = this.strings.intern(payload, scan.nameOffset[i]!, scan.nameLength[i]!)
    const service = this.#serviceOf(record, payload, scan, scan.resourceOf[i]!)
    const span = this.spans.add(payload, scan, i, trace, record, name, service, namesake === -1)
    this.#addOperation(service, name, this.spans.kind(span))
    this.#addToTrace(trace, span)
  }

  #addVersion(span: number, digest: string): void {
    const versions = this.#versions.get(span)
    if (versions === undefined) this.#versions.set(span, new Set([digest]))
    else versions.add(digest)
  }

  #serviceOf(record: number, payload: Uint8Array, scan: TracesScan, resource: number): number {
    const last = this.#last
    if (record === last.record && resource === last.resource) return last.service
    const length = scan.serviceLength[resource]!
    const service =
      length === 0
        ? this.#unknownService
        : this.strings.intern(payload, scan.serviceOffset[resource]!, length)
    this.#last = { record, resource, service, operation: -1 }
    return service
  }

  #addOperation(service: number, name: number, kind: number): void {
    const operation = name * 8 + kind
    if (operation === this.#last.operation) return
    this.#last.operation = operation
    let operations = this.operations.get(service)
    if (operations === undefined) {
      operations = new Set()
      this.operations.set(service, operations)
    }
    operations.add(operation)
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
