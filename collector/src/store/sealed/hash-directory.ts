import type { ChunkFile, ChunkWriter } from './chunk-file.ts'
import { IdFilter } from './id-filter.ts'
import type { PageCache } from './page-cache.ts'
import { PagedTable, type TablePlace, writeTable } from './paged-table.ts'

const shape = { hash: 'unsigned32', row: 'unsigned32' } as const
/** Rows up to this number can be sorted together with their hash as one number. */
const rowLimit = 2 ** 22
/** So many entries share one of the hashes that are kept in memory. */
const fenceDistance = 512

export interface DirectoryPlace {
  table: TablePlace
  /** Chunks. */
  fences: number
  filter: number
}

/** Whether the rows of a table can be in a directory: a segment of 64 MiB has about half as many. */
export function canList(rows: number): boolean {
  return rows <= rowLimit
}

/**
 * Writes rows sorted by a hash of what they are found by.
 * @param hashes of each row; -1 for a row that is not to be found
 * @param listed how many are to be found, at most
 */
export function* writeDirectory(
  writer: ChunkWriter,
  hashes: (row: number) => number,
  rows: number,
  listed = rows,
): Generator<void, DirectoryPlace> {
  const keys = new Float64Array(listed)
  const filter = IdFilter.for(listed)
  let count = 0
  for (let row = 0; row < rows; row++) {
    if (row % 4_096 === 0) yield
    const hash = hashes(row)
    if (hash === -1) continue
    filter.add(hash)
    // Sorted as numbers by hash, then by row: 31 and 22 bits fit a double.
    keys[count++] = (hash >>> 1) * rowLimit + row
  }
  yield
  const sorted = keys.subarray(0, count).sort()
  yield
  const columns = {
    hash: { get: (i: number) => Math.floor(sorted[i]! / rowLimit) },
    row: { get: (i: number) => sorted[i]! % rowLimit },
  }
  const table = yield* writeTable(writer, shape, columns, count)
  const fences = Uint32Array.from({ length: Math.ceil(count / fenceDistance) }, (_, i) =>
    columns.hash.get(i * fenceDistance),
  )
  return { table, fences: addWords(writer, fences), filter: addWords(writer, filter.words) }
}

/** Finds rows by the hash of what they are found by. The caller compares the keys themselves. */
export class HashDirectory {
  readonly #table: PagedTable<typeof shape>
  readonly #fences: Uint32Array
  readonly #filter: IdFilter

  /** @throws when it cannot be read */
  constructor(file: ChunkFile, cache: PageCache, place: DirectoryPlace) {
    this.#table = new PagedTable(file, cache, shape, place.table)
    this.#fences = readWords(file, place.fences)
    this.#filter = new IdFilter(readWords(file, place.filter))
  }

  /** The first row with this hash that is wanted, or -1. */
  find(hash: number, isWanted: (row: number) => boolean): number {
    if (!this.#filter.has(hash)) return -1
    const { columns, rows } = this.#table
    const wanted = hash >>> 1
    let at = this.#firstFrom(wanted)
    for (; at < rows && columns.hash.get(at) === wanted; at++) {
      const row = columns.row.get(at)
      if (isWanted(row)) return row
    }
    return -1
  }

  /** Lets go of its pages. */
  close(): void {
    this.#table.close()
  }

  #firstFrom(wanted: number): number {
    const fences = this.#fences
    // The last fence that is before it: what is wanted may start anywhere behind that.
    let fence = lowerBound(fences.length, (i) => fences[i]! < wanted) - 1
    fence = Math.max(fence, 0)
    const first = fence * fenceDistance
    const { hash } = this.#table.columns
    const count = Math.min(fenceDistance, this.#table.rows - first)
    return first + lowerBound(count, (i) => hash.get(first + i) < wanted)
  }
}

/** How many of `count` things in order are before the wanted one. */
export function lowerBound(count: number, isBefore: (i: number) => boolean): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(middle)) low = middle + 1
    else high = middle
  }
  return low
}

export function addWords(writer: ChunkWriter, words: Uint32Array): number {
  const bytes = Buffer.from(words.buffer, words.byteOffset, words.byteLength)
  return writer.add('index', bytes)
}

/** @throws when they cannot be read */
export function readWords(file: ChunkFile, chunk: number): Uint32Array {
  const bytes = file.chunk(chunk)
  if (bytes === undefined) throw new Error('a damaged index')
  const copy = new Uint32Array(bytes.length / 4)
  new Uint8Array(copy.buffer).set(bytes)
  return copy
}
