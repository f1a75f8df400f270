import type { TracesScan } from '../otlp/scan.ts'
import { bytes, signed32, unsigned32 } from './column.ts'
import { HashTable, processSeed } from './hash-table.ts'
import { hashOfSpan, SpanRows, statusShift, walkedSpans } from './span-rows.ts'
import type { TraceTable } from './trace-table.ts'
import { word } from './uint64.ts'

/** Span.SpanKind has the numbers 0 to 5, Status.StatusCode 0 to 2; other numbers count as 0. */
const kindCount = 6
const statusCount = 3

/** The spans of a segment that grows. */
export class SpanTable extends SpanRows {
  readonly #traces: TraceTable
  /** The first of each id, of traces that have more than are walked over. */
  readonly #table = new HashTable()
  readonly idA = unsigned32()
  readonly idB = unsigned32()
  readonly parentA = unsigned32()
  readonly parentB = unsigned32()
  readonly kindAndStatus = bytes()
  readonly trace = unsigned32()
  readonly previous = signed32()
  readonly record = unsigned32()
  readonly offset = unsigned32()
  readonly length = unsigned32()
  readonly name = unsigned32()
  readonly service = unsigned32()
  readonly startHigh = unsigned32()
  readonly startLow = unsigned32()
  readonly endHigh = unsigned32()
  readonly endLow = unsigned32()
  /** 1 where `findWords` gives the row: where it was the first of its id. */
  readonly isFirst = bytes()

  /** @param traces that the spans belong to; the caller adds each span to its trace afterwards */
  constructor(traces: TraceTable) {
    super()
    this.#traces = traces
  }

  get count(): number {
    return this.trace.length
  }

  /**
   * Adds span `i` of a scanned payload. With `isFirst` false it is not the one that `find` gives
   * for its id, because another version came before: one row an id keeps that table quick.
   */
  add(
    payload: Uint8Array,
    scan: TracesScan,
    i: number,
    trace: number,
    record: number,
    name: number,
    service: number,
    isFirst: boolean,
  ): number {
    const idOffset = scan.spanIdOffset[i]!
    const parentOffset = scan.parentIdOffset[i]!
    const idA = word(payload, idOffset)
    const idB = word(payload, idOffset + 4)
    const kind = known(scan.kind[i]!, kindCount)
    this.idA.push(idA)
    this.idB.push(idB)
    this.parentA.push(parentOffset === -1 ? 0 : word(payload, parentOffset))
    this.parentB.push(parentOffset === -1 ? 0 : word(payload, parentOffset + 4))
    this.kindAndStatus.push(kind | (known(scan.statusCode[i]!, statusCount) << statusShift))
    this.previous.push(this.#traces.lastSpan.get(trace))
    this.record.push(record)
    this.offset.push(scan.spanOffset[i]!)
    this.length.push(scan.spanLength[i]!)
    this.name.push(name)
    this.service.push(service)
    this.startHigh.push(scan.startHigh[i]!)
    this.startLow.push(scan.startLow[i]!)
    this.endHigh.push(scan.endHigh[i]!)
    this.endLow.push(scan.endLow[i]!)
    this.isFirst.push(isFirst ? 1 : 0)
    const span = this.trace.push(trace)
    const before = this.#traces.spanCount.get(trace)
    if (before > walkedSpans) this.#list(span)
    else if (before === walkedSpans) {
      for (let each = span; each !== -1; each = this.previous.get(each)) this.#list(each)
    }
    return span
  }

  findWords(trace: number, idA: number, idB: number): number {
    const { spanCount, lastSpan } = this.#traces
    if (spanCount.get(trace) <= walkedSpans) {
      for (let span = lastSpan.get(trace); span !== -1; span = this.previous.get(span)) {
        const isIt = this.idA.get(span) === idA && this.idB.get(span) === idB
        if (isIt && this.isFirst.get(span) === 1) return span
      }
      return -1
    }
    const hash = hashOfSpan(processSeed, trace, idA, idB)
    for (let slot = this.#table.first(hash); slot !== -1; slot = this.#table.next(slot, hash)) {
      const span = this.#table.row(slot)
      if (this.isSpan(span, trace, idA, idB)) return span
    }
    return -1
  }

  #list(span: number): void {
    if (this.isFirst.get(span) === 0) return
    const idA = this.idA.get(span)
    const idB = this.idB.get(span)
    this.#table.add(hashOfSpan(processSeed, this.trace.get(span), idA, idB), span)
  }
}

/** The enums are open: a number that is not in trace.proto counts as unspecified. */
function known(value: number, count: number): number {
  return value < count ? value : 0
}
