import { setImmediate as nextTurn } from 'node:timers/promises'
import { matchesFields } from './attribute-match.ts'
import { AttributeSearch } from './attribute-search.ts'
import type { SegmentIndex } from './segment-index.ts'
import { searchLimits, type TraceQuery } from './trace-query.ts'
import { halves, isLess } from './uint64.ts'

/** So many spans are looked at between two looks at the clock. */
const spansBetweenClocks = 256

/**
 * The ids of the traces that a query finds, those whose fitting span arrived last in front.
 *
 * It walks the spans of the index backwards: their rows never move, so whatever arrives or is
 * dropped between two turns does no harm. Bytes are read only for attributes, and only of spans that
 * fit in everything else.
 * @param readPayload of a record; undefined when it cannot be read any more
 * @throws SearchTooLargeError when more would have to be read than is allowed
 */
export async function findTraceIds(
  indexes: readonly SegmentIndex[],
  readPayload: (record: number) => Uint8Array | undefined,
  query: TraceQuery,
  limits = searchLimits,
): Promise<Buffer[]> {
  const found = new Map<string, Buffer>()
  const attributes = new AttributeSearch(query.attributes, readPayload, limits.readBytes)
  let steps = 0
  let turnEnds = performance.now() + limits.turn
  // A copy: retention may shorten the list meanwhile.
  for (const index of indexes.toReversed()) {
    const isCandidate = compile(index, query)
    if (isCandidate === undefined) continue
    const foundRows = new Set<number>()
    for (const [from, to] of attributes.ranges(index)) {
      for (let span = to - 1; span >= from; span--) {
        if (++steps % spansBetweenClocks === 0 && performance.now() > turnEnds) {
          await nextTurn()
          turnEnds = performance.now() + limits.turn
        }
        const row = index.spans.trace.get(span)
        // The segment went meanwhile, or this part of its index is damaged.
        if (row >= index.traces.count) continue
        if (foundRows.has(row) || !isCandidate(span) || !attributes.matches(index, span)) continue
        foundRows.add(row)
        const id = index.traces.id(row)
        found.set(id.toString('latin1'), id)
        if (found.size === query.limit) return [...found.values()]
      }
    }
  }
  return [...found.values()]
}

/** What the index alone can tell of a segment's spans; undefined when none of them can fit. */
function compile(
  { spans, strings, operations }: SegmentIndex,
  query: TraceQuery,
): ((span: number) => boolean) | undefined {
  const service = query.service === undefined ? undefined : strings.find(query.service)
  const operation = query.operation === undefined ? undefined : strings.find(query.operation)
  if (service !== undefined && !operations.has(service)) return undefined
  if (operation === -1) return undefined
  const [minHigh, minLow] = halves(query.startMin)
  const [maxHigh, maxLow] = halves(query.startMax)
  const { durationMin, durationMax, attributes } = query
  return (span) => {
    if (service !== undefined && spans.service.get(span) !== service) return false
    if (operation !== undefined && spans.name.get(span) !== operation) return false
    const startHigh = spans.startHigh.get(span)
    const startLow = spans.startLow.get(span)
    if (isLess(startHigh, startLow, minHigh, minLow)) return false
    if (isLess(maxHigh, maxLow, startHigh, startLow)) return false
    if (durationMin !== undefined && spans.duration(span) < durationMin) return false
    if (durationMax !== undefined && spans.duration(span) > durationMax) return false
    if (attributes.size === 0) return true
    return matchesFields(attributes, spans.kind(span), spans.status(span))
  }
}
