import { setImmediate as nextTurn } from 'node:timers/promises'
import type { PartialReason, ServiceMapResult } from '@pingtrace/otlp'
import { millis, type Question } from './group-operations.ts'
import { ReadRecords } from './read-records.ts'
import { ServiceMap } from './service-map.ts'
import type { TraceIndex } from './trace-index.ts'
import { walkTraces } from './trace-walk.ts'
import { isGoingOn, TraceqlSearcher, traceqlLimits } from './traceql-search.ts'

/** So many steps of the walk go between two looks at the clock. */
const stepsBetweenClocks = 256

/**
 * Maps the traces that a query matches, under the limits of a search.
 * @param readPayload of a record; undefined when it cannot be read any more
 * @param isStopped is asked at every turn, and ends it early
 */
export async function mapServices(
  index: TraceIndex,
  readPayload: (record: number) => Uint8Array | undefined,
  { matcher, start, end }: Question,
  isStopped: () => boolean,
): Promise<ServiceMapResult> {
  const map = new ServiceMap()
  const records = new ReadRecords(readPayload)
  let answer: { examined: number; partial: PartialReason | undefined }
  if (matcher === undefined) {
    answer = await eachTrace(index, { start, end }, map, records, isStopped)
  } else {
    const search = { matcher, start, end, limit: Number.POSITIVE_INFINITY }
    const searcher = new TraceqlSearcher(index, readPayload, search, isStopped)
    answer = await searcher.run((trace) => map.add(trace, records))
  }
  const { examined, partial } = answer
  return {
    nodes: map.nodes(),
    edges: map.edges(),
    examined,
    unmapped: map.unmapped,
    time: map.scale.cover(millis(start), millis(end)),
    ...(partial === undefined ? {} : { partial }),
  }
}

async function eachTrace(
  index: TraceIndex,
  time: Pick<Question, 'start' | 'end'>,
  map: ServiceMap,
  records: ReadRecords,
  isStopped: () => boolean,
) {
  const began = performance.now()
  let turnEnds = began + traceqlLimits.turn
  let steps = 0
  let examined = 0
  let partial: PartialReason | undefined
  const isTurnOver = () => ++steps % stepsBetweenClocks === 0 && performance.now() > turnEnds
  function* walk(): Generator<void> {
    for (const trace of walkTraces(index, isTurnOver)) {
      if (trace === undefined) yield
      if (trace === undefined || !isGoingOn(trace, time)) continue
      examined++
      yield* map.add(trace, records)
      if (performance.now() > turnEnds) yield
    }
  }
  for (const _ of walk()) {
    await nextTurn()
    const now = performance.now()
    turnEnds = now + traceqlLimits.turn
    if (isStopped()) partial = 'stopped'
    else if (now - began > traceqlLimits.time) partial = 'time'
    else if (records.bytes > traceqlLimits.readBytes) partial = 'bytes'
    if (partial !== undefined) break
  }
  return { examined, partial }
}
