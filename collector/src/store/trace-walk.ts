import type { SegmentIndex } from './segment-index.ts'
import type { TraceIndex } from './trace-index.ts'
import type { IndexedTrace } from './trace-summary.ts'

/**
 * Meets each trace once, those that arrived last in front, whatever arrives or goes meanwhile: it
 * walks the spans of the index backwards, whose rows never move.
 * @param isTurnOver is asked at every span
 * @returns undefined in between, whenever a turn is over
 */
export function* walkTraces(
  traces: TraceIndex,
  isTurnOver: () => boolean,
): Generator<IndexedTrace | undefined, void> {
  const seen = new SeenTraces()
  // A copy: retention may shorten the list meanwhile.
  for (const index of traces.segments.toReversed()) {
    const seenHere = seen.rowsOf(index)
    for (let span = index.spans.count - 1; span >= 0; span--) {
      if (isTurnOver()) yield undefined
      const row = index.spans.trace.get(span)
      if (seenHere[row] === 1) continue
      const trace = traces.wholeTrace(index, row)
      // A part in a segment that went meanwhile leads to parts that are met already.
      const isSeen = trace?.some((part) => seen.rowsOf(part.index)[part.row] === 1) ?? true
      if (trace === undefined || isSeen) continue
      for (const part of trace) seen.rowsOf(part.index)[part.row] = 1
      yield trace
    }
  }
}

/** Traces by their parts: for each index a byte a row, 1 when its trace was met. */
class SeenTraces {
  readonly #rows = new Map<SegmentIndex, Uint8Array>()

  /** Rows that are added later are not met by a walk that has begun, and need no byte. */
  rowsOf(index: SegmentIndex): Uint8Array {
    let rows = this.#rows.get(index)
    if (rows === undefined) {
      rows = new Uint8Array(index.traces.count)
      this.#rows.set(index, rows)
    }
    return rows
  }
}
