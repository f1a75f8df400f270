import { Column, type NumberArray, type Numbers } from '../column.ts'
import type { ChunkFile, ChunkWriter } from './chunk-file.ts'
import type { PageCache, PageOwner } from './page-cache.ts'

/** The types of columns. The widest come first in a page, so that every column starts aligned. */
const arrays = {
  double: Float64Array,
  unsigned32: Uint32Array,
  signed32: Int32Array,
  byte: Uint8Array,
}
const widestFirst = ['double', 'unsigned32', 'signed32', 'byte'] as const

/** The columns of a table, by name. */
export type TableShape = Readonly<Record<string, keyof typeof arrays>>

/** Where a table is in a sealed file. */
export interface TablePlace {
  firstChunk: number
  rows: number
}

const pageBits = 9
const pageRows = 1 << pageBits
const inPage = pageRows - 1

/** All bits set: chains end with it, and there is no record, trace or text that has it. */
const missing = { double: Number.NaN, unsigned32: 0xffff_ffff, signed32: -1, byte: 0xff }

/** Writes a page of rows a time, so that others get their turn between two of them. */
export function* writeTable<S extends TableShape>(
  writer: ChunkWriter,
  shape: S,
  columns: { [name in keyof S]: Numbers },
  rows: number,
): Generator<void, TablePlace> {
  const firstChunk = writer.count
  const layout = layoutOf(shape)
  // The same memory for all pages, as a file is what they become.
  const page = new ArrayBuffer(Math.min(pageRows, rows) * layout.rowBytes)
  for (let first = 0; first < rows; first += pageRows) {
    const count = Math.min(pageRows, rows - first)
    for (const { name, type, before } of layout.columns) {
      const values = new arrays[type](page, before * count, count)
      const column = columns[name]!
      if (column instanceof Column) column.copy(first, count, values)
      else for (let i = 0; i < count; i++) values[i] = column.get(first + i)
    }
    writer.add('index', Buffer.from(page, 0, count * layout.rowBytes))
    yield
  }
  return { firstChunk, rows }
}

/**
 * Columns of numbers in a sealed file, read a page of rows at a time. What cannot be read, because
 * it is damaged or the segment is gone, reads as all bits set.
 */
export class PagedTable<S extends TableShape> implements PageOwner {
  readonly rows: number
  readonly columns: { readonly [name in keyof S]: Numbers }
  readonly #file: ChunkFile
  readonly #firstChunk: number
  readonly #layout: Layout
  readonly #cache: PageCache
  readonly #id: number
  #lastNumber = -1
  #last: readonly NumberArray[] | undefined

  constructor(file: ChunkFile, cache: PageCache, shape: S, { firstChunk, rows }: TablePlace) {
    this.rows = rows
    this.#file = file
    this.#cache = cache
    this.#id = cache.register()
    this.#firstChunk = firstChunk
    this.#layout = layoutOf(shape)
    this.columns = Object.fromEntries(
      this.#layout.columns.map(({ name, type }, column) => [
        name,
        { get: (row: number) => this.#page(row)?.[column]?.[row & inPage] ?? missing[type] },
      ]),
    ) as { [name in keyof S]: Numbers }
  }

  forget(page: number): void {
    if (page === this.#lastNumber) this.#lastNumber = -1
    if (this.#lastNumber === -1) this.#last = undefined
  }

  /** Lets go of its pages. */
  close(): void {
    this.#cache.drop(this)
  }

  #page(row: number): readonly NumberArray[] | undefined {
    const number = row >>> pageBits
    if (number === this.#lastNumber) return this.#last
    if (!(row >= 0 && row < this.rows)) return undefined
    const known = this.#cache.get(this.#id, number) as readonly NumberArray[] | undefined
    const page = known ?? this.#read(number)
    if (page === undefined) return undefined
    this.#lastNumber = number
    this.#last = page
    return page
  }

  #read(number: number): readonly NumberArray[] | undefined {
    const { columns, rowBytes } = this.#layout
    const count = Math.min(pageRows, this.rows - number * pageRows)
    const bytes = this.#file.chunk(this.#firstChunk + number)
    if (bytes === undefined || bytes.length !== count * rowBytes) return undefined
    // A copy, because bytes from elsewhere need not start where a double may.
    const copy = new ArrayBuffer(bytes.length)
    new Uint8Array(copy).set(bytes)
    const page = columns.map(({ type, before }) => new arrays[type](copy, before * count, count))
    this.#cache.add(this.#id, number, this, page, bytes.length)
    return page
  }
}

interface Layout {
  /** Bytes of a row in all columns. */
  rowBytes: number
  /** In the order of a page; `before` are the bytes of a row in the columns before. */
  columns: readonly { name: string; type: keyof typeof arrays; before: number }[]
}

function layoutOf(shape: TableShape): Layout {
  let rowBytes = 0
  const columns = widestFirst.flatMap((type) =>
    Object.keys(shape)
      .filter((name) => shape[name] === type)
      .map((name) => {
        const before = rowBytes
        rowBytes += arrays[type].BYTES_PER_ELEMENT
        return { name, type, before }
      }),
  )
  return { rowBytes, columns }
}
