import type { TracesScan } from '../otlp/scan.ts'
import { AttributeKeys } from './attribute-keys.ts'
import { headerLength } from './segment-record.ts'

/**
 * A block is whole records of at least this many bytes: small enough that to read one span is
 * quick, large enough that they compress well.
 */
const blockBytes = 64 * 1024

/** A part of a segment's spans, by row: from the first up to but not with the last. */
export type SpanRange = readonly [from: number, to: number]

/** What a wanted attribute may have as hashes, for each that is wanted; see attributeHashes. */
export type AttributeProbes = readonly (readonly number[])[]

/** Groups the records of a growing segment into blocks, and notes each block's attributes. */
export class BlockKeys {
  /** Of each block: its first record, its first span, and the hashes of the attributes in it. */
  readonly firstRecord: number[] = []
  readonly firstSpan: number[] = []
  readonly #keys: Uint32Array[] = []
  readonly #current = new HashSet()
  readonly #attributes = new AttributeKeys((hash) => this.#current.add(hash))
  #bytes = blockBytes

  /** Adds a record whose first span gets the row `span`. */
  add(record: number, span: number, payload: Uint8Array, scan: TracesScan): void {
    if (this.#bytes >= blockBytes) {
      if (this.firstRecord.length > 0) this.#keys.push(this.#current.take())
      this.firstRecord.push(record)
      this.firstSpan.push(span)
      this.#bytes = 0
    }
    this.#bytes += headerLength + payload.length
    this.#attributes.visit(payload, scan)
  }

  get count(): number {
    return this.firstRecord.length
  }

  /** The hashes of all blocks; for a segment that grows no more. */
  keys(): readonly Uint32Array[] {
    return this.count === 0 ? [] : [...this.#keys, this.#current.values()]
  }

  /** The blocks that may have all attributes, the last first. */
  ranges(probes: AttributeProbes, spanCount: number): SpanRange[] {
    const ranges: SpanRange[] = []
    for (let block = this.count - 1; block >= 0; block--) {
      const keys = this.#keys[block] ?? this.#current.values()
      if (!probes.every((hashes) => hashes.some((hash) => keys.includes(hash)))) continue
      ranges.push([this.firstSpan[block]!, this.firstSpan[block + 1] ?? spanCount])
    }
    return ranges
  }
}

/** A set of 32-bit numbers that allocates nothing for a number that is in it. */
class HashSet {
  #slots = new Uint32Array(1 << 11)
  #values = new Uint32Array(1 << 10)
  #count = 0

  add(hash: number): void {
    // 0 marks a free slot; another hash in its place only means a false alarm.
    const value = hash === 0 ? 1 : hash
    if (!this.#place(value)) return
    if (this.#count === this.#values.length) this.#grow()
    this.#values[this.#count++] = value
  }

  values(): Uint32Array {
    return this.#values.subarray(0, this.#count)
  }

  /** Its numbers; it is empty afterwards. */
  take(): Uint32Array {
    const values = this.values().slice()
    this.#count = 0
    if (this.#values.length > 1 << 12) {
      this.#slots = new Uint32Array(1 << 11)
      this.#values = new Uint32Array(1 << 10)
    } else this.#slots.fill(0)
    return values
  }

  /** False when it was there. */
  #place(value: number): boolean {
    const mask = this.#slots.length - 1
    let slot = value & mask
    while (this.#slots[slot] !== 0) {
      if (this.#slots[slot] === value) return false
      slot = (slot + 1) & mask
    }
    this.#slots[slot] = value
    return true
  }

  /** Half of the slots stay free. */
  #grow(): void {
    const values = new Uint32Array(this.#values.length * 2)
    values.set(this.#values)
    this.#values = values
    this.#slots = new Uint32Array(this.#slots.length * 2)
    for (let i = 0; i < this.#count; i++) this.#place(values[i]!)
  }
}
