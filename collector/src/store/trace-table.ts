import { bytes, doubles, signed32, unsigned32 } from './column.ts'
import { HashTable, processSeed } from './hash-table.ts'
import { ServiceLists } from './service-lists.ts'
import { hashOfTrace, type PartPlace, TraceRows } from './trace-rows.ts'
import { word } from './uint64.ts'

/** The traces of a segment that grows; their order of arrival is a doubly linked list over the rows. */
export class TraceTable extends TraceRows {
  readonly seed = processSeed
  readonly #table = new HashTable()
  readonly id0 = unsigned32()
  readonly id1 = unsigned32()
  readonly id2 = unsigned32()
  readonly id3 = unsigned32()
  readonly #newer = signed32()
  readonly olderRow = signed32()
  #newest = -1
  readonly lastSpan = signed32()
  readonly titleSpan = signed32()
  readonly spanCount = unsigned32()
  readonly errorCount = unsigned32()
  readonly serviceList = unsigned32()
  readonly startHigh = unsigned32()
  readonly startLow = unsigned32()
  readonly endHigh = unsigned32()
  readonly endLow = unsigned32()
  /** 0 where there is no earlier part: no segment has that number. */
  readonly #earlierSegment = doubles()
  readonly #earlierRow = unsigned32()
  readonly #hasLater = bytes()
  #continued = 0

  get lastParts(): number {
    return this.count - this.#continued
  }

  get count(): number {
    return this.#newer.length
  }

  get newest(): number {
    return this.#newest
  }

  findHash(source: Uint8Array, offset: number, hash: number): number {
    for (let slot = this.#table.first(hash); slot !== -1; slot = this.#table.next(slot, hash)) {
      const trace = this.#table.row(slot)
      if (this.hasId(trace, source, offset)) return trace
    }
    return -1
  }

  /** A new row for the 16 byte id at `offset`; it starts without spans, as the newest. */
  add(source: Uint8Array, offset: number): number {
    this.id0.push(word(source, offset))
    this.id1.push(word(source, offset + 4))
    this.id2.push(word(source, offset + 8))
    this.id3.push(word(source, offset + 12))
    this.lastSpan.push(-1)
    this.titleSpan.push(-1)
    this.spanCount.push(0)
    this.errorCount.push(0)
    this.startHigh.push(0)
    this.startLow.push(0)
    this.endHigh.push(0)
    this.endLow.push(0)
    this.serviceList.push(ServiceLists.empty)
    this.#earlierSegment.push(0)
    this.#earlierRow.push(0)
    this.#hasLater.push(0)
    this.#newer.push(-1)
    const trace = this.olderRow.push(-1)
    this.#putInFront(trace)
    this.#table.add(hashOfTrace(this.seed, source, offset), trace)
    return trace
  }

  earlier(trace: number): PartPlace | undefined {
    const segment = this.#earlierSegment.get(trace)
    return segment === 0 ? undefined : { segment, row: this.#earlierRow.get(trace) }
  }

  setEarlier(trace: number, { segment, row }: PartPlace): void {
    this.#earlierSegment.set(trace, segment)
    this.#earlierRow.set(trace, row)
  }

  hasLater(trace: number): boolean {
    return this.#hasLater.get(trace) === 1
  }

  continueLater(trace: number): void {
    this.#hasLater.set(trace, 1)
    this.#continued++
  }

  /** Makes a trace the newest. */
  touch(trace: number): void {
    if (trace === this.#newest) return
    const newer = this.#newer.get(trace)
    const older = this.olderRow.get(trace)
    this.olderRow.set(newer, older)
    if (older !== -1) this.#newer.set(older, newer)
    this.#putInFront(trace)
  }

  #putInFront(trace: number): void {
    this.#newer.set(trace, -1)
    this.olderRow.set(trace, this.#newest)
    if (this.#newest !== -1) this.#newer.set(this.#newest, trace)
    this.#newest = trace
  }
}
