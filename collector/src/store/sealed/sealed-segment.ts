import type { Segment } from '../segment.ts'
import { headerLength } from '../segment-record.ts'
import { ChunkFile } from './chunk-file.ts'
import { recordShape, type SealedFooter, sealedVersion } from './footer.ts'
import { lowerBound, readWords } from './hash-directory.ts'
import type { PageCache, PageOwner } from './page-cache.ts'
import { PagedTable } from './paged-table.ts'
import { SealedIndex } from './sealed-index.ts'

/** A segment that is compressed in blocks and carries its index. */
export class SealedSegment implements Segment, PageOwner {
  readonly path: string
  readonly number: number
  readonly firstRecord: number
  readonly firstArrival: number
  readonly lastArrival: number
  readonly index: SealedIndex
  readonly #file: ChunkFile
  readonly #cache: PageCache
  readonly #id: number
  readonly #records: PagedTable<typeof recordShape>
  /** Of each block: where it started in the unsealed segment, and its first record. */
  readonly #starts: Uint32Array
  readonly #firstRecords: Uint32Array

  /**
   * Opens a sealed segment. The checksums of its index are looked at, those of its records when they
   * are read.
   * @throws when the file cannot be read, or its index is not whole
   */
  constructor(path: string, number: number, firstRecord: number, cache: PageCache) {
    this.path = path
    this.number = number
    this.firstRecord = firstRecord
    this.#file = new ChunkFile(path)
    try {
      const footer = this.#file.footer as SealedFooter
      if (!(footer.version <= sealedVersion)) throw new Error(`version ${footer.version}`)
      if (!this.#file.isWholeFrom(footer.blocks)) throw new Error('a damaged index')
      this.firstArrival = footer.firstArrival
      this.lastArrival = footer.lastArrival
      this.#cache = cache
      this.#id = cache.register()
      this.#records = new PagedTable(this.#file, cache, recordShape, footer.records)
      const words = readWords(this.#file, footer.blockStarts)
      const [starts, records, spans] = [0, 1, 2].map((part) =>
        words.filter((_, i) => i % 3 === part),
      )
      this.#starts = starts!
      this.#firstRecords = records!
      this.index = new SealedIndex(number, this.#file, cache, firstRecord, spans!)
    } catch (error) {
      this.#file.close()
      throw error
    }
  }

  get endRecord(): number {
    return this.firstRecord + this.#records.rows
  }

  get size(): number {
    return this.#file.size
  }

  get damagedBytes(): number {
    return this.#file.damagedBytes
  }

  read(record: number): Buffer | undefined {
    const row = record - this.firstRecord
    const block = lowerBound(this.#firstRecords.length, (i) => this.#firstRecords[i]! <= row) - 1
    const bytes = this.#block(block)
    const { offset, payloadLength } = this.#records.columns
    const start = offset.get(row) - this.#starts[block]! + headerLength
    const end = start + payloadLength.get(row)
    return bytes === undefined || end > bytes.length ? undefined : bytes.subarray(start, end)
  }

  arrival(record: number): number {
    return this.#records.columns.arrival.get(record - this.firstRecord)
  }

  endOffset(record: number): number {
    const { offset, payloadLength } = this.#records.columns
    const row = record - this.firstRecord
    return offset.get(row) + headerLength + payloadLength.get(row)
  }

  countBefore(wanted: number): number {
    const { offset } = this.#records.columns
    return lowerBound(this.#records.rows, (row) => offset.get(row) < wanted)
  }

  forget(): void {
    // What is held is in the cache alone.
  }

  /** Whoever still has its index reads nothing any more. */
  close(): void {
    this.#file.close()
    this.index.close()
    this.#records.close()
    this.#cache.drop(this)
  }

  #block(block: number): Buffer | undefined {
    const known = this.#cache.get(this.#id, block) as Buffer | undefined
    if (known !== undefined) return known
    const bytes = this.#file.chunk(block)
    if (bytes !== undefined) this.#cache.add(this.#id, block, this, bytes, bytes.length)
    return bytes
  }
}
