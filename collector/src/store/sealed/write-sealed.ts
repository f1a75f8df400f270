import { processSeed } from '../hash-table.ts'
import type { LiveIndex } from '../live-index.ts'
import type { SegmentFile } from '../segment-file.ts'
import { headerLength } from '../segment-record.ts'
import { hashOfSpan, walkedSpans } from '../span-rows.ts'
import { hashOfRow } from '../trace-rows.ts'
import type { TraceTable } from '../trace-table.ts'
import { writeBlockFilter } from './block-filter.ts'
import type { ChunkWriter } from './chunk-file.ts'
import { recordShape, type SealedFooter, sealedVersion, spanShape, traceShape } from './footer.ts'
import { addWords, writeDirectory } from './hash-directory.ts'
import { encodeNames } from './names.ts'
import { writeTable } from './paged-table.ts'

/**
 * Writes what a segment holds, compressed, and all of its index: nothing of it has to be in memory
 * afterwards. It yields after every millisecond or so of work, so that others get their turn; until
 * it ends nobody may add to the segment or to the index.
 * @param identityOf of the index of another segment; undefined when that is gone
 * @throws when something could not be read or written
 */
export function* writeSealed(
  writer: ChunkWriter,
  source: SegmentFile,
  index: LiveIndex,
  identityOf: (segment: number) => number | undefined,
): Generator<void, void> {
  const { spans, traces } = index
  const blockStarts = yield* writeBlocks(writer, source, index)
  const blocks = writer.count
  const relative = (record: number) => record - source.firstRecord
  const records = yield* writeTable(
    writer,
    recordShape,
    {
      offset: { get: (row) => source.offset(row) },
      payloadLength: { get: (row) => source.payloadLength(row) },
      arrival: { get: (row) => source.arrival(source.firstRecord + row) },
    },
    source.count,
  )
  const spanColumns = { ...spans, record: { get: (i: number) => relative(spans.record.get(i)) } }
  const links = linksOf(index, identityOf)
  const footer: SealedFooter = {
    version: sealedVersion,
    identity: index.identity,
    seed: processSeed,
    firstArrival: source.firstArrival,
    lastArrival: source.lastArrival,
    blocks,
    blockStarts: addWords(writer, blockStarts),
    records,
    spans: yield* writeTable(writer, spanShape, spanColumns, spans.count),
    traces: yield* writeTable(writer, traceShape, { ...traces, ...links.columns }, traces.count),
    newestTrace: traces.newest,
    traceDirectory: yield* writeDirectory(
      writer,
      (row) => hashOfRow(processSeed, traces, row),
      traces.count,
    ),
    spanDirectory: yield* writeDirectory(
      writer,
      (row) => {
        const trace = spans.trace.get(row)
        if (traces.spanCount.get(trace) <= walkedSpans || spans.isFirst.get(row) === 0) return -1
        return hashOfSpan(processSeed, trace, spans.idA.get(row), spans.idB.get(row))
      },
      spans.count,
      countInLongTraces(traces),
    ),
    blockFilter: yield* writeBlockFilter(writer, index.blocks.keys()),
    names: writer.add('index', encodeNames(index)),
    linked: links.linked,
    links: addWords(writer, Uint32Array.from(links.rows)),
  }
  if (index.allVersions.size > 0) {
    const versions = [...index.allVersions].map(([span, digests]) => [span, [...digests]])
    footer.versions = writer.add('index', Buffer.from(JSON.stringify(versions)))
  }
  writer.finish(footer)
}

/** The blocks are those whose attributes the index has noted. */
function* writeBlocks(
  writer: ChunkWriter,
  source: SegmentFile,
  { blocks, spans }: LiveIndex,
): Generator<void, Uint32Array> {
  const { firstRecord, firstSpan } = blocks
  const starts: number[] = []
  // Records that hold no traces are in no block of the index: the first takes those before it.
  const count = Math.max(blocks.count, 1)
  // The same memory for all blocks: to get and to give back some hundred kB takes longer than to read them.
  let memory = Buffer.alloc(0)
  for (let block = 0; block < count; block++) {
    const first = block === 0 ? 0 : firstRecord[block]! - source.firstRecord
    const end = (firstRecord[block + 1] ?? source.endRecord) - source.firstRecord
    const start = source.offset(first)
    const last = end - 1
    const length = source.offset(last) + headerLength + source.payloadLength(last) - start
    if (memory.length < length) memory = Buffer.allocUnsafeSlow(2 * length)
    const bytes = memory.subarray(0, length)
    source.readInto(bytes, start)
    writer.add('block', bytes, { start })
    starts.push(start, first, block === 0 ? 0 : (firstSpan[block] ?? spans.count))
    yield
  }
  return Uint32Array.from(starts)
}

/** Spans that are not found by walking over all of their trace. */
function countInLongTraces({ spanCount, count }: TraceTable): number {
  let spans = 0
  for (let row = 0; row < count; row++) {
    if (spanCount.get(row) > walkedSpans) spans += spanCount.get(row)
  }
  return spans
}

/** The traces that have an earlier part, with those parts in columns. */
function linksOf({ traces }: LiveIndex, identityOf: (segment: number) => number | undefined) {
  const linked: SealedFooter['linked'] = []
  const rows: number[] = []
  const places = new Map<number, { link: number; row: number }>()
  for (let row = 0; row < traces.count; row++) {
    const earlier = traces.earlier(row)
    const identity = earlier && identityOf(earlier.segment)
    if (earlier === undefined || identity === undefined) continue
    let link = linked.findIndex(({ segment }) => segment === earlier.segment) + 1
    if (link === 0) link = linked.push({ segment: earlier.segment, identity })
    rows.push(row)
    places.set(row, { link, row: earlier.row })
  }
  const columns = {
    earlierLink: { get: (row: number) => places.get(row)?.link ?? 0 },
    earlierRow: { get: (row: number) => places.get(row)?.row ?? 0 },
  }
  return { linked, rows, columns }
}
