import type { TracesScan } from '../otlp/scan.ts'
import { bytes, signed32, unsigned32 } from './column.ts'
import { finish, HashTable, hashStart, mix } from './hash-table.ts'
import { word, wordHex } from './uint64.ts'

/** Status.StatusCode.STATUS_CODE_ERROR of trace.proto. */
const errorStatus = 2
/** Span.SpanKind has the numbers 0 to 5, Status.StatusCode 0 to 2; other numbers count as 0. */
const kindCount = 6
const statusCount = 3
/** In a byte: the kind, then the status. */
const statusShift = 3
const kindMask = 0b111

/** One row a span: where it is stored, whose it is, and what lists show without reading it. */
export class SpanTable {
  readonly #table = new HashTable()
  readonly #idA = unsigned32()
  readonly #idB = unsigned32()
  readonly #kindAndStatus = bytes()
  /** Both 0: none. */
  readonly #parentA = unsigned32()
  readonly #parentB = unsigned32()

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
    return this.#find(trace, word(source, offset), word(source, offset + 4))
  }

  /** Whether the parent of `span`, which is in `table`, is a span of this trace. */
  hasParentOf(table: SpanTable, span: number, trace: number): boolean {
    return this.#find(trace, table.#parentA.get(span), table.#parentB.get(span)) !== -1
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
    const parentOffset = scan.parentIdOffset[i]!
    const idA = word(payload, idOffset)
    const idB = word(payload, idOffset + 4)
    const kind = known(scan.kind[i]!, kindCount)
    this.#idA.push(idA)
    this.#idB.push(idB)
    this.#parentA.push(parentOffset === -1 ? 0 : word(payload, parentOffset))
    this.#parentB.push(parentOffset === -1 ? 0 : word(payload, parentOffset + 4))
    this.#kindAndStatus.push(kind | (known(scan.statusCode[i]!, statusCount) << statusShift))
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
    if (findable) this.#table.add(hashOf(at.trace, idA, idB), span)
    return span
  }

  /** 16 lower-case hex digits. */
  id(span: number): string {
    return hexOf(this.#idA.get(span), this.#idB.get(span))
  }

  /** 16 lower-case hex digits; undefined for a root. */
  parentId(span: number): string | undefined {
    if (!this.hasParent(span)) return undefined
    return hexOf(this.#parentA.get(span), this.#parentB.get(span))
  }

  hasParent(span: number): boolean {
    return (this.#parentA.get(span) | this.#parentB.get(span)) !== 0
  }

  isError(span: number): boolean {
    return this.status(span) === errorStatus
  }

  /** Number of Span.SpanKind in trace.proto. */
  kind(span: number): number {
    return this.#kindAndStatus.get(span) & kindMask
  }

  /** Number of Status.StatusCode in trace.proto. */
  status(span: number): number {
    return this.#kindAndStatus.get(span) >>> statusShift
  }

  /** Nanoseconds, exact up to 104 days; negative when the sender says so. */
  duration(span: number): number {
    const high = this.endHigh.get(span) - this.startHigh.get(span)
    return high * 2 ** 32 + (this.endLow.get(span) - this.startLow.get(span))
  }

  #find(trace: number, idA: number, idB: number): number {
    const hash = hashOf(trace, idA, idB)
    for (let slot = this.#table.first(hash); slot !== -1; slot = this.#table.next(slot, hash)) {
      const span = this.#table.row(slot)
      const isIt = this.#idA.get(span) === idA && this.#idB.get(span) === idB
      if (isIt && this.trace.get(span) === trace) return span
    }
    return -1
  }
}

/** The enums are open: a number that is not in trace.proto counts as unspecified. */
function known(value: number, count: number): number {
  return value < count ? value : 0
}

function hashOf(trace: number, idA: number, idB: number): number {
  return finish(mix(mix(mix(hashStart, trace), idA), idB))
}

function hexOf(a: number, b: number): string {
  return wordHex(a) + wordHex(b)
}
