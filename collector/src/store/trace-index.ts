import type { TracesScan } from '../otlp/scan.ts'
import { LiveIndex } from './live-index.ts'
import type { SealedIndex } from './sealed/sealed-index.ts'
import { lastRecordOf, type ResentCheck, type SegmentIndex } from './segment-index.ts'
import { hashOfTrace } from './trace-rows.ts'
import type { IndexedTrace } from './trace-summary.ts'

export interface Operation {
  name: string
  /** Number of Span.SpanKind in trace.proto. */
  kind: number
}

/**
 * The indexes of all segments as one. A trace may have parts in several of them: each part links to
 * the one before it, and knows whether a later one follows. So nothing has to be looked up twice or
 * put right when the oldest index goes: links to it end there, and all sums are over what is left.
 */
export class TraceIndex {
  readonly #resent: ResentCheck
  /** In the order of their segments. */
  readonly #indexes: SegmentIndex[] = []
  readonly #bySegment = new Map<number, SegmentIndex>()

  constructor(resent: ResentCheck) {
    this.#resent = resent
  }

  get traceCount(): number {
    return this.#indexes.reduce((sum, { traces }) => sum + traces.lastParts, 0)
  }

  get spanCount(): number {
    return this.#indexes.reduce((sum, { spans }) => sum + spans.count, 0)
  }

  /** The indexes of the segments, the oldest first. */
  get segments(): readonly SegmentIndex[] {
    return this.#indexes
  }

  /**
   * Adds the spans of a record that was stored in a segment. Records come in order, each once.
   * Skips spans that nobody could find (no valid ids) and spans that are stored already.
   */
  add(segment: number, record: number, payload: Uint8Array, scan: TracesScan): void {
    const index = this.#growing(segment)
    index.blocks.add(record, index.spans.count, payload, scan)
    // Spans of a trace mostly come one after the other: then the trace is the one of the span before.
    let trace = -1
    let traceId = -1
    for (let i = 0; i < scan.spanCount; i++) {
      const idOffset = scan.traceIdOffset[i]!
      if (idOffset === -1 || scan.spanIdOffset[i] === -1) continue
      if (trace === -1 || !isSameId(payload, traceId, idOffset)) {
        trace = index.traces.find(payload, idOffset)
        traceId = idOffset
      }
      if (trace === -1) {
        const earlier = this.#findBefore(index, payload, idOffset)
        if (earlier !== undefined && this.#isStored(earlier.index, earlier.row, payload, scan, i)) {
          continue
        }
        trace = index.traces.add(payload, idOffset)
        if (earlier !== undefined) link(index, trace, earlier)
        index.addSpan(record, payload, scan, i, trace, -1, this.#resent)
        continue
      }
      const namesake = index.spans.find(trace, payload, scan.spanIdOffset[i]!)
      if (this.#isVersion(index, namesake, payload, scan, i)) continue
      const earlier = this.#earlier(index, trace)
      if (earlier !== undefined && this.#isStored(earlier.index, earlier.row, payload, scan, i)) {
        continue
      }
      index.addSpan(record, payload, scan, i, trace, namesake, this.#resent)
    }
  }

  /** The index of a segment that has any; it is live until it is replaced. */
  of(segment: number): SegmentIndex | undefined {
    return this.#bySegment.get(segment)
  }

  /** Adds the index of a segment that comes after all others. */
  addSealed(index: SealedIndex): void {
    this.#append(index)
    for (const row of index.linkedRows()) this.#linkSealed(index, row)
  }

  /** Puts an index with the same rows in the place of a segment's. */
  replace(index: SegmentIndex): void {
    const at = this.#indexes.findIndex(({ segment }) => segment === index.segment)
    if (at === -1) return
    this.#indexes[at] = index
    this.#bySegment.set(index.segment, index)
  }

  /** Forgets all spans of a segment; segments go in the order in which they came. */
  forget(segment: number): void {
    if (this.#indexes[0]?.segment !== segment) return
    this.#indexes.shift()
    this.#bySegment.delete(segment)
  }

  /** The trace with this id (16 bytes). */
  findTrace(id: Uint8Array): IndexedTrace | undefined {
    const last = this.#findBefore(undefined, id, 0)
    return last === undefined ? undefined : this.#whole(last)
  }

  /** The trace that a row of a segment's index is a part of; undefined when it is gone. */
  wholeTrace(index: SegmentIndex, row: number): IndexedTrace | undefined {
    const { traces } = index
    // What is read of a segment that went meanwhile is no row.
    if (row >= traces.count) return undefined
    // Most have one part, and nothing has to be looked up then.
    if (!traces.hasLater(row) && traces.earlier(row) === undefined) return [{ index, row }]
    return this.findTrace(traces.id(row))
  }

  /** The record in which the trace last grew. */
  lastRecord(trace: IndexedTrace): number {
    const { index, row } = trace.at(-1)!
    return lastRecordOf(index, row)
  }

  /** The traces that changed last, newest first. */
  newestTraces(limit: number): IndexedTrace[] {
    const traces: IndexedTrace[] = []
    for (const index of this.#indexes.toReversed()) {
      let row = index.traces.newest
      for (; row !== -1 && traces.length < limit; row = index.traces.older(row)) {
        if (!index.traces.hasLater(row)) traces.push(this.#whole({ index, row }))
      }
    }
    return traces
  }

  /**
   * The traces that grew in record `from` or later, newest first. From `limit` traces on, the
   * records from `before` on are left for the next call.
   */
  tracesChangedFrom(from: number, limit: number): { traces: IndexedTrace[]; before?: number } {
    let traces: IndexedTrace[] = []
    for (const index of this.#indexes) {
      const changed = new Set<number>()
      for (let span = index.spans.firstFrom(from); span < index.spans.count; span++) {
        if (traces.length + changed.size >= limit && index.spans.startsRecord(span)) {
          traces = [...this.#newestFirst(index, changed), ...traces]
          return { traces, before: index.spans.record.get(span) }
        }
        const row = index.spans.trace.get(span)
        // A trace that goes on in a later segment is met again there.
        if (!index.traces.hasLater(row)) changed.add(row)
      }
      if (changed.size > 0) traces = [...this.#newestFirst(index, changed), ...traces]
    }
    return { traces }
  }

  /** In alphabetical order. */
  services(): string[] {
    const services = new Set<string>()
    for (const { operations, strings } of this.#indexes) {
      for (const service of operations.keys()) services.add(strings.text(service))
    }
    return [...services].sort()
  }

  /** By name, then by kind; none for a service that is not known. */
  operations(service: string): Operation[] {
    const found = new Map<string, Operation>()
    for (const { operations, strings } of this.#indexes) {
      for (const key of operations.get(strings.find(service)) ?? []) {
        const operation = { name: strings.text(Math.floor(key / 8)), kind: key % 8 }
        found.set(`${operation.kind} ${operation.name}`, operation)
      }
    }
    return [...found.values()].sort((a, b) =>
      a.name < b.name ? -1 : a.name > b.name ? 1 : a.kind - b.kind,
    )
  }

  #growing(segment: number): LiveIndex {
    const known = this.#bySegment.get(segment)
    if (known instanceof LiveIndex) return known
    const index = new LiveIndex(segment)
    this.#append(index)
    return index
  }

  /** Which traces go on in later segments is not in any file, since files never change. */
  #linkSealed(index: SealedIndex, row: number): void {
    let earlier = this.#earlier(index, row)
    if (earlier?.index.identity !== index.traces.earlierIdentity(row)) {
      // The rows of that index are others by now, or the segment is gone.
      earlier = this.#findBefore(index, index.traces.id(row), 0)
      index.traces.relink(row, earlier && { segment: earlier.index.segment, row: earlier.row })
    }
    earlier?.index.traces.continueLater(earlier.row)
  }

  #append(index: SegmentIndex): void {
    this.#indexes.push(index)
    this.#bySegment.set(index.segment, index)
  }

  /** The trace's last part in the indexes before one, or in all. */
  #findBefore(
    before: SegmentIndex | undefined,
    source: Uint8Array,
    offset: number,
  ): TracePart | undefined {
    // Nearly all have the same seed, and each would hash the id anew.
    let seed: number | undefined
    let hash = 0
    for (let i = this.#indexes.length - 1; i >= 0; i--) {
      const index = this.#indexes[i]!
      if (before !== undefined && index.segment >= before.segment) continue
      if (index.traces.seed !== seed) {
        seed = index.traces.seed
        hash = hashOfTrace(seed, source, offset)
      }
      const row = index.traces.findHash(source, offset, hash)
      if (row !== -1) return { index, row }
    }
    return undefined
  }

  #earlier(index: SegmentIndex, row: number): TracePart | undefined {
    const place = index.traces.earlier(row)
    const earlier = place && this.#bySegment.get(place.segment)
    return earlier && { index: earlier, row: place.row }
  }

  /** All parts, given the last one. */
  #whole(last: TracePart): IndexedTrace {
    const parts: TracePart[] = []
    let part: TracePart | undefined = last
    for (; part !== undefined; part = this.#earlier(part.index, part.row)) parts.push(part)
    return parts.reverse()
  }

  /** Whether span `i` is stored in this part of its trace, or in one before. */
  #isStored(
    index: SegmentIndex,
    row: number,
    payload: Uint8Array,
    scan: TracesScan,
    i: number,
  ): boolean {
    const span = index.spans.find(row, payload, scan.spanIdOffset[i]!)
    if (this.#isVersion(index, span, payload, scan, i)) return true
    const earlier = this.#earlier(index, row)
    return earlier !== undefined && this.#isStored(earlier.index, earlier.row, payload, scan, i)
  }

  /** @param span that came first with the same id; -1 for none */
  #isVersion(
    index: SegmentIndex,
    span: number,
    payload: Uint8Array,
    scan: TracesScan,
    i: number,
  ): boolean {
    return span !== -1 && this.#resent.isVersionOf(index, span, payload, scan, i)
  }

  #newestFirst(index: SegmentIndex, changed: ReadonlySet<number>): IndexedTrace[] {
    const { lastSpan } = index.traces
    const newestFirst = [...changed].sort((a, b) => lastSpan.get(b) - lastSpan.get(a))
    return newestFirst.map((row) => this.#whole({ index, row }))
  }
}

type TracePart = IndexedTrace[number]

/** Of two ids of 16 bytes. */
function isSameId(bytes: Uint8Array, a: number, b: number): boolean {
  for (let i = 0; i < 16; i++) if (bytes[a + i] !== bytes[b + i]) return false
  return true
}

function link(index: LiveIndex, row: number, earlier: TracePart): void {
  index.traces.setEarlier(row, { segment: earlier.index.segment, row: earlier.row })
  earlier.index.traces.continueLater(earlier.row)
}
