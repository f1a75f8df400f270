import type { TracesScan } from '../otlp/scan.ts'
import { bytes, signed32, unsigned32 } from './column.ts'
import { finish, HashTable, hashStart, mix } from './hash-table.ts'
import { word } from './uint64.ts'

/** Status.StatusCode.STATUS_CODE_ERROR of trace.proto. */
const errorStatus = 2
const errorBit = 0b01
const hasParentBit = 0b10

/** One row a span: where it is stored, whose it is, and what lists show without reading it. */
export class SpanTable {
  readonly #table = new HashTable()
  readonly #idA = unsigned32()
  readonly #idB = unsigned32()
  readonly #flags = bytes()

  readonly trace = unsigned32()
  /** The span of the same trace that arrived before this one, or -1. */
  readonly previous = signed32()
  /** Which record it is in, and where its Span message starts in that record's payload. */
  readonly record = unsigned32()
  readonly offset = unsigned32()
  readonly length = unsigned32()
  /** Numbers of strings. */
  readonly name = unsigned32()
  readonly service = unsigned32()
  /** Nanoseconds since the Unix epoch in two halves. */
  readonly startHigh = unsigned32()
  readonly startLow = unsigned32()
  readonly endHigh = unsigned32()
  readonly endLow = unsigned32()

  get count(): number {
    return this.trace.length
  }

  /** The first span that arrived with this id (8 bytes at `offset`) in this trace, or -1. */
  find(trace: number, source: Uint8Array, offset: number): number {
    const hash = hashOf(trace, source, offset)
    for (let slot = this.#table.first(hash); slot !== -1; slot = this.#table.next(slot, hash)) {
      const span = this.#table.row(slot)
      if (this.trace.get(span) === trace && this.#hasId(span, source, offset)) return span
    }
    return -1
  }

  /**
   * Adds span `i` of a scanned payload. With `findable` false it is not the one that `find` gives
   * for its id, because another version came before: one row an id keeps that table quick.
   */
  add(
    payload: Uint8Array,
    scan: TracesScan,
    i: number,
    at: { trace: number; previous: number; record: number; name: number; service: number },
    findable: boolean,
  ): number {
    const idOffset = scan.spanIdOffset[i]!
    const error = scan.statusCode[i] === errorStatus ? errorBit : 0
    const hasParent = scan.parentIdOffset[i] === -1 ? 0 : hasParentBit
    this.#idA.push(word(payload, idOffset))
    this.#idB.push(word(payload, idOffset + 4))
    this.#flags.push(error | hasParent)
    this.previous.push(at.previous)
    this.record.push(at.record)
    this.offset.push(scan.spanOffset[i]!)
    this.length.push(scan.spanLength[i]!)
    this.name.push(at.name)
    this.service.push(at.service)
    this.startHigh.push(scan.startHigh[i]!)
    this.startLow.push(scan.startLow[i]!)
    this.endHigh.push(scan.endHigh[i]!)
    this.endLow.push(scan.endLow[i]!)
    const span = this.trace.push(at.trace)
    if (findable) this.#table.add(hashOf(at.trace, payload, idOffset), span)
    return span
  }

  hasParent(span: number): boolean {
    return (this.#flags.get(span) & hasParentBit) !== 0
  }

  isError(span: number): boolean {
    return (this.#flags.get(span) & errorBit) !== 0
  }

  #hasId(span: number, source: Uint8Array, offset: number): boolean {
    return (
      this.#idA.get(span) === word(source, offset) &&
      this.#idB.get(span) === word(source, offset + 4)
    )
  }
}

function hashOf(trace: number, source: Uint8Array, offset: number): number {
  return finish(mix(mix(mix(hashStart, trace), word(source, offset)), word(source, offset + 4)))
}
