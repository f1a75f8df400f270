import type { Numbers } from './column.ts'
import { finish, mix } from './hash-table.ts'
import { word } from './uint64.ts'

/** Where another part of a trace is: the number of the segment, the row in its index. */
export interface PartPlace {
  segment: number
  row: number
}

/**
 * One row for each trace that a segment has a part of: its id, its totals, and its place in the
 * order of arrival, so that the newest are listed without looking at the others.
 */
export abstract class TraceRows {
  abstract readonly count: number
  /** The trace that changed last, or -1. */
  abstract readonly newest: number
  /** The rows whose trace has no part in a later segment. */
  abstract readonly lastParts: number
  /** The id as four words. */
  abstract readonly id0: Numbers
  abstract readonly id1: Numbers
  abstract readonly id2: Numbers
  abstract readonly id3: Numbers
  /** The trace that changed before this one did, or -1. */
  abstract readonly olderRow: Numbers
  /** The span that arrived last; every span links to the one of its trace before it. */
  abstract readonly lastSpan: Numbers
  /** The span that names the trace. */
  abstract readonly titleSpan: Numbers
  abstract readonly spanCount: Numbers
  abstract readonly errorCount: Numbers
  abstract readonly serviceList: Numbers
  /** Nanoseconds since the Unix epoch in two halves: the earliest start, the latest end. */
  abstract readonly startHigh: Numbers
  abstract readonly startLow: Numbers
  abstract readonly endHigh: Numbers
  abstract readonly endLow: Numbers

  /** What `findHash` wants of ids. */
  abstract readonly seed: number

  /** The row of the 16 byte id at `offset`, whose hash with this table's seed is known; or -1. */
  abstract findHash(source: Uint8Array, offset: number, hash: number): number

  /** The trace's part before this one; it may be in a segment that is gone. */
  abstract earlier(trace: number): PartPlace | undefined

  /** Whether a later segment has a part of the trace too. */
  abstract hasLater(trace: number): boolean

  /** Notes that one has; once. */
  abstract continueLater(trace: number): void

  /** The row of the 16 byte id at `offset`, or -1. */
  find(source: Uint8Array, offset: number): number {
    return this.findHash(source, offset, hashOfTrace(this.seed, source, offset))
  }

  /** The trace that changed before this one did, or -1. */
  older(trace: number): number {
    return this.olderRow.get(trace)
  }

  /** 16 bytes. */
  id(trace: number): Buffer {
    const id = Buffer.alloc(16)
    id.writeUInt32LE(this.id0.get(trace), 0)
    id.writeUInt32LE(this.id1.get(trace), 4)
    id.writeUInt32LE(this.id2.get(trace), 8)
    id.writeUInt32LE(this.id3.get(trace), 12)
    return id
  }

  protected hasId(trace: number, source: Uint8Array, offset: number): boolean {
    return (
      this.id0.get(trace) === word(source, offset) &&
      this.id1.get(trace) === word(source, offset + 4) &&
      this.id2.get(trace) === word(source, offset + 8) &&
      this.id3.get(trace) === word(source, offset + 12)
    )
  }
}

/** The same of a row. */
export function hashOfRow(seed: number, { id0, id1, id2, id3 }: TraceRows, row: number): number {
  const half = mix(mix(seed | 0, id0.get(row)), id1.get(row))
  return finish(mix(mix(half, id2.get(row)), id3.get(row)))
}

export function hashOfTrace(seed: number, source: Uint8Array, offset: number): number {
  let hash = seed | 0
  for (let part = 0; part < 16; part += 4) hash = mix(hash, word(source, offset + part))
  return finish(hash)
}
