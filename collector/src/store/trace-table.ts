import { bytes, signed32, unsigned32 } from './column.ts'
import { finish, HashTable, hashStart, mix } from './hash-table.ts'
import { ServiceLists } from './service-lists.ts'
import { word } from './uint64.ts'

/**
 * One row a trace: its id, its totals, and its place in the order of arrival, which is a doubly
 * linked list over the rows, so that the newest traces are listed without looking at the others.
 */
export class TraceTable {
  readonly #table = new HashTable()
  readonly #id = [unsigned32(), unsigned32(), unsigned32(), unsigned32()] as const
  readonly #newer = signed32()
  readonly #older = signed32()
  #newest = -1

  /** The span that arrived last; every span links to the one of its trace before it. */
  readonly lastSpan = signed32()
  /** The span that names the trace. */
  readonly titleSpan = signed32()
  readonly spanCount = unsigned32()
  readonly errorCount = unsigned32()
  readonly serviceList = unsigned32()
  /** Nanoseconds since the Unix epoch in two halves: the earliest start, the latest end. */
  readonly startHigh = unsigned32()
  readonly startLow = unsigned32()
  readonly endHigh = unsigned32()
  readonly endLow = unsigned32()
  /** Where the trace's part in an earlier segment is: the ordinal of its index (or -1), the row. */
  readonly earlierIndex = signed32()
  readonly earlierRow = signed32()
  /** 1 when a later segment has a part of the trace too. */
  readonly hasLater = bytes()
  #continued = 0

  /** The rows whose trace has no part in a later segment. */
  get lastParts(): number {
    return this.count - this.#continued
  }

  get count(): number {
    return this.#newer.length
  }

  /** The trace that changed last, or -1. */
  get newest(): number {
    return this.#newest
  }

  /** The trace that changed before this one did, or -1. */
  older(trace: number): number {
    return this.#older.get(trace)
  }

  /** The row of the 16 byte id at `offset`, or -1. */
  find(source: Uint8Array, offset: number): number {
    const hash = hashOf(source, offset)
    for (let slot = this.#table.first(hash); slot !== -1; slot = this.#table.next(slot, hash)) {
      const trace = this.#table.row(slot)
      if (this.#hasId(trace, source, offset)) return trace
    }
    return -1
  }

  /** A new row for the 16 byte id at `offset`; it starts without spans, as the newest. */
  add(source: Uint8Array, offset: number): number {
    for (const [part, column] of this.#id.entries()) column.push(word(source, offset + 4 * part))
    for (const column of [this.lastSpan, this.titleSpan]) column.push(-1)
    for (const column of [this.spanCount, this.errorCount]) column.push(0)
    for (const column of [this.startHigh, this.startLow, this.endHigh, this.endLow]) column.push(0)
    this.serviceList.push(ServiceLists.empty)
    for (const column of [this.earlierIndex, this.earlierRow]) column.push(-1)
    this.hasLater.push(0)
    this.#newer.push(-1)
    const trace = this.#older.push(-1)
    this.#putInFront(trace)
    this.#table.add(hashOf(source, offset), trace)
    return trace
  }

  /** 16 bytes. */
  id(trace: number): Buffer {
    const id = Buffer.alloc(16)
    for (const [part, column] of this.#id.entries()) id.writeUInt32LE(column.get(trace), 4 * part)
    return id
  }

  /** Notes that a later segment has a part of the trace. */
  continueLater(trace: number): void {
    this.hasLater.set(trace, 1)
    this.#continued++
  }

  /** Makes a trace the newest. */
  touch(trace: number): void {
    if (trace === this.#newest) return
    const newer = this.#newer.get(trace)
    const older = this.#older.get(trace)
    this.#older.set(newer, older)
    if (older !== -1) this.#newer.set(older, newer)
    this.#putInFront(trace)
  }

  #putInFront(trace: number): void {
    this.#newer.set(trace, -1)
    this.#older.set(trace, this.#newest)
    if (this.#newest !== -1) this.#newer.set(this.#newest, trace)
    this.#newest = trace
  }

  #hasId(trace: number, source: Uint8Array, offset: number): boolean {
    const [a, b, c, d] = this.#id
    return (
      a.get(trace) === word(source, offset) &&
      b.get(trace) === word(source, offset + 4) &&
      c.get(trace) === word(source, offset + 8) &&
      d.get(trace) === word(source, offset + 12)
    )
  }
}

function hashOf(source: Uint8Array, offset: number): number {
  let hash = hashStart
  for (let part = 0; part < 16; part += 4) hash = mix(hash, word(source, offset + part))
  return finish(hash)
}
