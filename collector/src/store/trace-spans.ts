import type { StoredSpan } from './span-reader.ts'
import type { IndexedTrace } from './trace-summary.ts'

/** So many rows are held to turn a chain round, and one for each so many spans of a segment. */
const stretch = 4_096

/** A row of a segment's index, and what makes its chain. */
type Part = IndexedTrace[number]

/**
 * The trace's spans that arrived in record `from` or later, in order of arrival; next to nothing is held
 * for those that were not asked for yet. Of a segment that retention drops meanwhile nothing that is true
 * comes any more: whoever goes on later has to look whether it is there.
 */
export function* spansOf(trace: IndexedTrace, from: number): Generator<StoredSpan> {
  for (const part of trace) {
    const { record, offset, length } = part.index.spans
    for (const span of rowsOf(part, from)) {
      yield { record: record.get(span), offset: offset.get(span), length: length.get(span) }
    }
  }
}

/** The record that each of the trace's spans came in, and its id, in order of arrival. */
export function* arrivalsOf(trace: IndexedTrace): Generator<{ record: number; spanId: string }> {
  for (const part of trace) {
    const { spans } = part.index
    for (const span of rowsOf(part, 0)) {
      yield { record: spans.record.get(span), spanId: spans.id(span) }
    }
  }
}

/** How many bytes the trace's spans are, as they are stored. */
export function bytesOf(trace: IndexedTrace): number {
  let bytes = 0
  for (const part of trace) {
    for (const span of backwards(part)) bytes += part.index.spans.length.get(span)
  }
  return bytes
}

/** Spans know the one before, not the one after: the chain is walked twice, and turned in stretches. */
function* rowsOf(part: Part, from: number): Generator<number> {
  const { record } = part.index.spans
  const lastOfStretches: number[] = []
  let count = 0
  for (const span of backwards(part)) {
    if (record.get(span) < from) break
    if (count++ % stretch === 0) lastOfStretches.push(span)
  }
  let left = count % stretch || stretch
  for (const last of lastOfStretches.reverse()) {
    const rows: number[] = []
    for (const span of backwards(part, last)) {
      if (rows.push(span) === left) break
    }
    yield* rows.reverse()
    left = stretch
  }
}

function* backwards(
  { index, row }: Part,
  last = index.traces.lastSpan.get(row),
): Generator<number> {
  for (let span = last; span !== -1; span = index.spans.previous.get(span)) yield span
}
