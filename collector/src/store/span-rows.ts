import type { Numbers } from './column.ts'
import { finish, mix } from './hash-table.ts'
import { word, wordHex } from './uint64.ts'

/** Status.StatusCode.STATUS_CODE_ERROR of trace.proto. */
const errorStatus = 2
/**
 * Spans of a trace up to which one is found by walking over all: they are near each other, and most
 * traces have no more, so that nothing is spent on a table of them.
 */
export const walkedSpans = 8
/** In a byte: the kind, then the status. */
export const statusShift = 3
const kindMask = 0b111

/**
 * One row a span: where it is stored, whose it is, and what lists show without reading it. Rows are
 * in order of arrival. The columns are in memory or in a sealed segment.
 */
export abstract class SpanRows {
  abstract readonly count: number
  /** The id, and that of the parent (both 0: none), as two words each. */
  abstract readonly idA: Numbers
  abstract readonly idB: Numbers
  abstract readonly parentA: Numbers
  abstract readonly parentB: Numbers
  abstract readonly kindAndStatus: Numbers
  abstract readonly trace: Numbers
  /** The span of the same trace that arrived before this one, or -1. */
  abstract readonly previous: Numbers
  /** Which record it is in, and where its Span message starts in that record's payload. */
  abstract readonly record: Numbers
  abstract readonly offset: Numbers
  abstract readonly length: Numbers
  /** Numbers of strings. */
  abstract readonly name: Numbers
  abstract readonly service: Numbers
  /** Nanoseconds since the Unix epoch in two halves. */
  abstract readonly startHigh: Numbers
  abstract readonly startLow: Numbers
  abstract readonly endHigh: Numbers
  abstract readonly endLow: Numbers

  /** The first span that arrived with this id, in two words, in a trace; -1 when there is none. */
  abstract findWords(trace: number, idA: number, idB: number): number

  /** The same, of an id of 8 bytes at `offset`. */
  find(trace: number, source: Uint8Array, offset: number): number {
    return this.findWords(trace, word(source, offset), word(source, offset + 4))
  }

  /** Whether the parent of `span`, which is in `table`, is a span of this trace. */
  hasParentOf(table: SpanRows, span: number, trace: number): boolean {
    return this.findWords(trace, table.parentA.get(span), table.parentB.get(span)) !== -1
  }

  /** 16 lower-case hex digits. */
  id(span: number): string {
    return hexOf(this.idA.get(span), this.idB.get(span))
  }

  /** 16 lower-case hex digits; undefined for a root. */
  parentId(span: number): string | undefined {
    if (!this.hasParent(span)) return undefined
    return hexOf(this.parentA.get(span), this.parentB.get(span))
  }

  hasParent(span: number): boolean {
    return (this.parentA.get(span) | this.parentB.get(span)) !== 0
  }

  isError(span: number): boolean {
    return this.status(span) === errorStatus
  }

  /** Number of Span.SpanKind in trace.proto. */
  kind(span: number): number {
    return this.kindAndStatus.get(span) & kindMask
  }

  /** Number of Status.StatusCode in trace.proto. */
  status(span: number): number {
    return this.kindAndStatus.get(span) >>> statusShift
  }

  /** Nanoseconds, exact up to 104 days; negative when the sender says so. */
  duration(span: number): number {
    const high = this.endHigh.get(span) - this.startHigh.get(span)
    return high * 2 ** 32 + (this.endLow.get(span) - this.startLow.get(span))
  }

  /** The first span that is in record `from` or later; the records of the spans never go down. */
  firstFrom(from: number): number {
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.record.get(middle) < from) low = middle + 1
      else high = middle
    }
    return low
  }

  startsRecord(span: number): boolean {
    return span === 0 || this.record.get(span) !== this.record.get(span - 1)
  }

  protected isSpan(span: number, trace: number, idA: number, idB: number): boolean {
    const isIt = this.idA.get(span) === idA && this.idB.get(span) === idB
    return isIt && this.trace.get(span) === trace
  }
}

export function hashOfSpan(seed: number, trace: number, idA: number, idB: number): number {
  return finish(mix(mix(mix(seed | 0, trace), idA), idB))
}

function hexOf(a: number, b: number): string {
  return wordHex(a) + wordHex(b)
}
