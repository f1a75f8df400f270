import type { TracesScan } from '../otlp/scan.ts'
import type { AttributeProbes, SpanRange } from './block-keys.ts'
import type { SpanRows } from './span-rows.ts'
import type { TraceRows } from './trace-rows.ts'
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

/** Names and services by their numbers in one index. */
export interface Texts {
  text(id: number): string
  /** The number of a text, or -1. */
  find(text: string): number
  /** Of the text as it is kept; see `maxTextBytes`. */
  byteLength(id: number): number
}

/**
 * What can be answered of one segment's spans without reading them: in memory while the segment
 * grows (LiveIndex), read from the disk as it is needed afterwards (SealedIndex). When the segment
 * goes, so does this, all at once: nothing in another segment's index points into it by more than
 * the number of the segment and a row, which are checked.
 */
export interface SegmentIndex {
  /** The number of the segment. */
  readonly segment: number
  /** Another one whenever the rows of a segment's index are given out anew. */
  readonly identity: number
  readonly traces: TraceRows
  readonly spans: SpanRows
  readonly strings: Texts
  readonly serviceLists: { services(list: number): number[] }
  /** Of each service, its operations as `name * 8 + kind`. */
  readonly operations: ReadonlyMap<number, ReadonlySet<number>>
  /** Of the first span of an id, the digests of what else came with that id. */
  versions(span: number): ReadonlySet<string> | undefined
  /** Where spans may be that have all these attributes; the last in front. */
  ranges(probes: AttributeProbes): readonly SpanRange[]
}

/** The record in which a trace last grew in a segment. */
export function lastRecordOf({ spans, traces }: SegmentIndex, trace: number): number {
  return spans.record.get(traces.lastSpan.get(trace))
}

/** A span without a parent names its trace; among equals the earlier start does. */
export function isBetterTitle(s: SpanRows, span: number, than: SpanRows, other: number): boolean {
  if (s.hasParent(span) !== than.hasParent(other)) return !s.hasParent(span)
  return isLess(
    s.startHigh.get(span),
    s.startLow.get(span),
    than.startHigh.get(other),
    than.startLow.get(other),
  )
}
