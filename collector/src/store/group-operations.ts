import { setImmediate as nextTurn } from 'node:timers/promises'
import type { OperationsResult, PartialReason } from '@pingtrace/otlp'
import type { Matcher } from '@pingtrace/traceql'
import { OperationGroups } from './operation-groups.ts'
import type { SegmentIndex } from './segment-index.ts'
import type { TraceIndex } from './trace-index.ts'
import { TraceqlSearcher, traceqlLimits } from './traceql-search.ts'
import { halves, isLess } from './uint64.ts'

/** What is grouped, or mapped. */
export interface Question {
  /** Undefined: everything. */
  matcher: Matcher | undefined
  /** Nanoseconds since the Unix epoch. */
  start: bigint | undefined
  end: bigint | undefined
}

/** So many spans are looked at between two looks at the clock. */
const spansBetweenClocks = 256

/**
 * Groups the spans that a query selects and that started between two times, under the limits of a
 * search. Without a query it walks the columns of the index alone, the last spans first.
 * @param readPayload of a record; undefined when it cannot be read any more
 * @param isStopped is asked at every turn, and ends it early
 */
export async function groupOperations(
  index: TraceIndex,
  readPayload: (record: number) => Uint8Array | undefined,
  { matcher, start, end }: Question,
  isStopped: () => boolean,
): Promise<OperationsResult> {
  const groups = new OperationGroups()
  const isInTime = between(start, end)
  const add = (of: SegmentIndex, row: number): void => {
    if (isInTime(of, row)) groups.add(of, row)
  }
  let partial: PartialReason | undefined
  if (matcher === undefined) partial = await eachSpan(index.segments, add, isStopped)
  else {
    const search = { matcher, start, end, limit: Number.POSITIVE_INFINITY }
    const searcher = new TraceqlSearcher(index, readPayload, search, isStopped)
    const answer = await searcher.run((_trace, selected) => {
      for (const { index: of, row } of selected) add(of, row)
      return []
    })
    partial = answer.partial
  }
  const { operations, others, time } = groups.finish(millis(start), millis(end))
  return {
    operations,
    spanCount: groups.spanCount,
    ungroupedSpans: others.count,
    ...(others.count > 0 && { others }),
    time,
    ...(partial === undefined ? {} : { partial }),
  }
}

/** Milliseconds of nanoseconds. */
export function millis(nanos: bigint | undefined): number | undefined {
  return nanos === undefined ? undefined : Number(nanos / 1_000n) / 1_000
}

/** Rows never move, so whatever arrives or is dropped between two turns does no harm. */
async function eachSpan(
  indexes: readonly SegmentIndex[],
  visit: (index: SegmentIndex, row: number) => void,
  isStopped: () => boolean,
): Promise<PartialReason | undefined> {
  const began = performance.now()
  let turnEnds = began + traceqlLimits.turn
  let steps = 0
  // A copy: retention may shorten the list meanwhile.
  for (const index of indexes.toReversed()) {
    for (let row = index.spans.count - 1; row >= 0; row--) {
      if (++steps % spansBetweenClocks === 0 && performance.now() > turnEnds) {
        await nextTurn()
        if (isStopped()) return 'stopped'
        if (performance.now() - began > traceqlLimits.time) return 'time'
        turnEnds = performance.now() + traceqlLimits.turn
      }
      // The segment went meanwhile, or this part of its index is damaged.
      if (index.spans.trace.get(row) >= index.traces.count) continue
      visit(index, row)
    }
  }
  return undefined
}

function between(start: bigint | undefined, end: bigint | undefined) {
  const [minHigh, minLow] = halves(start ?? 0n)
  const [maxHigh, maxLow] = halves(end ?? 0xffff_ffff_ffff_ffffn)
  return ({ spans }: SegmentIndex, row: number): boolean => {
    const high = spans.startHigh.get(row)
    const low = spans.startLow.get(row)
    return !isLess(high, low, minHigh, minLow) && !isLess(maxHigh, maxLow, high, low)
  }
}
