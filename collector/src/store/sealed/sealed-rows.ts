import type { Numbers } from '../column.ts'
import { hashOfSpan, SpanRows, walkedSpans } from '../span-rows.ts'
import { type PartPlace, TraceRows } from '../trace-rows.ts'
import type { ChunkFile } from './chunk-file.ts'
import { type SealedFooter, spanShape, traceShape } from './footer.ts'
import { HashDirectory } from './hash-directory.ts'
import type { PageCache } from './page-cache.ts'
import { PagedTable } from './paged-table.ts'

/** The spans of a sealed segment. */
export class SealedSpans extends SpanRows {
  readonly count: number
  readonly idA: Numbers
  readonly idB: Numbers
  readonly parentA: Numbers
  readonly parentB: Numbers
  readonly kindAndStatus: Numbers
  readonly trace: Numbers
  readonly previous: Numbers
  readonly record: Numbers
  readonly offset: Numbers
  readonly length: Numbers
  readonly name: Numbers
  readonly service: Numbers
  readonly startHigh: Numbers
  readonly startLow: Numbers
  readonly endHigh: Numbers
  readonly endLow: Numbers
  readonly #table: PagedTable<typeof spanShape>
  readonly #traces: SealedTraces
  readonly #directory: HashDirectory
  readonly #seed: number

  /** @param firstRecord of the segment: in the file they count from there */
  constructor(
    file: ChunkFile,
    cache: PageCache,
    footer: SealedFooter,
    firstRecord: number,
    traces: SealedTraces,
  ) {
    super()
    this.#traces = traces
    this.#table = new PagedTable(file, cache, spanShape, footer.spans)
    this.#directory = new HashDirectory(file, cache, footer.spanDirectory)
    this.#seed = footer.seed
    this.count = footer.spans.rows
    const { columns } = this.#table
    this.idA = columns.idA
    this.idB = columns.idB
    this.parentA = columns.parentA
    this.parentB = columns.parentB
    this.kindAndStatus = columns.kindAndStatus
    this.trace = columns.trace
    this.previous = columns.previous
    this.record = { get: (span) => firstRecord + columns.record.get(span) }
    this.offset = columns.offset
    this.length = columns.length
    this.name = columns.name
    this.service = columns.service
    this.startHigh = columns.startHigh
    this.startLow = columns.startLow
    this.endHigh = columns.endHigh
    this.endLow = columns.endLow
  }

  findWords(trace: number, idA: number, idB: number): number {
    const { spanCount, lastSpan } = this.#traces
    if (spanCount.get(trace) <= walkedSpans) {
      let found = -1
      for (let span = lastSpan.get(trace); span !== -1; span = this.previous.get(span)) {
        if (this.idA.get(span) === idA && this.idB.get(span) === idB) found = span
      }
      return found
    }
    return this.#directory.find(hashOfSpan(this.#seed, trace, idA, idB), (span) =>
      this.isSpan(span, trace, idA, idB),
    )
  }

  close(): void {
    this.#table.close()
    this.#directory.close()
  }
}

/** The traces of a sealed segment; only which of them go on in later ones is in memory. */
export class SealedTraces extends TraceRows {
  readonly seed: number
  readonly count: number
  readonly newest: number
  readonly id0: Numbers
  readonly id1: Numbers
  readonly id2: Numbers
  readonly id3: Numbers
  readonly olderRow: Numbers
  readonly lastSpan: Numbers
  readonly titleSpan: Numbers
  readonly spanCount: Numbers
  readonly errorCount: Numbers
  readonly serviceList: Numbers
  readonly startHigh: Numbers
  readonly startLow: Numbers
  readonly endHigh: Numbers
  readonly endLow: Numbers
  readonly #table: PagedTable<typeof traceShape>
  readonly #directory: HashDirectory
  readonly #linked: SealedFooter['linked']
  readonly #relinked = new Map<number, PartPlace | undefined>()
  /** A bit a trace. */
  readonly #hasLater: Uint8Array
  #continued = 0

  constructor(file: ChunkFile, cache: PageCache, footer: SealedFooter) {
    super()
    this.#table = new PagedTable(file, cache, traceShape, footer.traces)
    this.#directory = new HashDirectory(file, cache, footer.traceDirectory)
    this.#linked = footer.linked
    this.#hasLater = new Uint8Array(Math.ceil(footer.traces.rows / 8))
    this.seed = footer.seed
    this.count = footer.traces.rows
    this.newest = footer.newestTrace
    const { columns } = this.#table
    this.id0 = columns.id0
    this.id1 = columns.id1
    this.id2 = columns.id2
    this.id3 = columns.id3
    this.olderRow = columns.olderRow
    this.lastSpan = columns.lastSpan
    this.titleSpan = columns.titleSpan
    this.spanCount = columns.spanCount
    this.errorCount = columns.errorCount
    this.serviceList = columns.serviceList
    this.startHigh = columns.startHigh
    this.startLow = columns.startLow
    this.endHigh = columns.endHigh
    this.endLow = columns.endLow
  }

  get lastParts(): number {
    return this.count - this.#continued
  }

  findHash(source: Uint8Array, offset: number, hash: number): number {
    return this.#directory.find(hash, (trace) => this.hasId(trace, source, offset))
  }

  earlier(trace: number): PartPlace | undefined {
    if (this.#relinked.has(trace)) return this.#relinked.get(trace)
    const { earlierLink, earlierRow } = this.#table.columns
    const linked = this.#linked[earlierLink.get(trace) - 1]
    return linked && { segment: linked.segment, row: earlierRow.get(trace) }
  }

  /** The identity that the index of the earlier part had when the link was written. */
  earlierIdentity(trace: number): number | undefined {
    return this.#linked[this.#table.columns.earlierLink.get(trace) - 1]?.identity
  }

  /** Another earlier part than the file says. */
  relink(trace: number, earlier: PartPlace | undefined): void {
    this.#relinked.set(trace, earlier)
  }

  hasLater(trace: number): boolean {
    return ((this.#hasLater[trace >>> 3]! >>> (trace & 7)) & 1) === 1
  }

  continueLater(trace: number): void {
    this.#hasLater[trace >>> 3]! |= 1 << (trace & 7)
    this.#continued++
  }

  close(): void {
    this.#table.close()
    this.#directory.close()
  }
}
