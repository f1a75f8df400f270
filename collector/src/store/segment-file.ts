import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writevSync,
} from 'node:fs'
import { promisify } from 'node:util'
import { doubles, unsigned32 } from './column.ts'
import type { Segment } from './segment.ts'
import { headerLength, readRecord } from './segment-record.ts'

const fdatasyncAsync = promisify(fdatasync)

/** A segment that is not sealed, and what is known of each record in it. */
export class SegmentFile implements Segment {
  readonly path: string
  readonly number: number
  readonly firstRecord: number
  readonly #fd: number
  readonly #offset = unsigned32()
  readonly #payloadLength = unsigned32()
  /** Milliseconds since the Unix epoch, with fractions. */
  readonly #arrival = doubles()
  #isClosed = false
  /** Bytes of whole records; the next one is written here, over whatever a failed write left. */
  #size = 0

  /** @param flags `wx+` makes a new file, `r+` opens one that is there */
  constructor(path: string, flags: 'wx+' | 'r+', number: number, firstRecord: number) {
    this.path = path
    this.number = number
    this.firstRecord = firstRecord
    this.#fd = openSync(path, flags)
  }

  get size(): number {
    return this.#size
  }

  get count(): number {
    return this.#offset.length
  }

  get endRecord(): number {
    return this.firstRecord + this.count
  }

  /** Where there is no record, when the file was written. */
  get firstArrival(): number {
    return this.count > 0 ? this.#arrival.get(0) : fstatSync(this.#fd).mtimeMs
  }

  get lastArrival(): number {
    return this.count > 0 ? this.#arrival.get(this.count - 1) : fstatSync(this.#fd).mtimeMs
  }

  /** Notes a record that is in the file, and answers its number. */
  note(offset: number, payloadLength: number, arrival: number): number {
    this.#payloadLength.push(payloadLength)
    this.#arrival.push(arrival)
    this.#size = offset + headerLength + payloadLength
    return this.firstRecord + this.#offset.push(offset)
  }

  /**
   * Writes behind the last record; the caller notes what is in it.
   *
   * It is synchronous: into the page cache that takes microseconds, less than handing the bytes to
   * another thread and back, and no other write can come between.
   * @throws when not everything could be written; the file is then as before
   */
  append(parts: readonly Uint8Array[], length: number): void {
    try {
      const written = writevSync(this.#fd, parts, this.#size)
      if (written < length) throw new Error(`only ${written} of ${length} bytes fitted`)
    } catch (error) {
      this.#cutBack()
      throw error
    }
  }

  /** Undefined when the record cannot be read any more: somebody changed or emptied the file. */
  read(record: number): Buffer | undefined {
    const row = record - this.firstRecord
    const bytes = Buffer.allocUnsafe(headerLength + this.#payloadLength.get(row))
    const length = readSync(this.#fd, bytes, 0, bytes.length, this.#offset.get(row))
    return length < bytes.length ? undefined : readRecord(bytes, 0)?.payload
  }

  /** Reads bytes of the file as they are, until the target is full. @throws when there are fewer */
  readInto(target: Buffer, start: number): void {
    const read = readSync(this.#fd, target, 0, target.length, start)
    if (read < target.length) throw new Error(`${this.path} has lost bytes`)
  }

  /** Where a record starts, by its row: the number of records before it in this segment. */
  offset(row: number): number {
    return this.#offset.get(row)
  }

  payloadLength(row: number): number {
    return this.#payloadLength.get(row)
  }

  arrival(record: number): number {
    return this.#arrival.get(record - this.firstRecord)
  }

  endOffset(record: number): number {
    const row = record - this.firstRecord
    return this.#offset.get(row) + headerLength + this.#payloadLength.get(row)
  }

  countBefore(offset: number): number {
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#offset.get(middle) < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Cuts off what follows the last whole record. */
  cut(): void {
    ftruncateSync(this.#fd, this.#size)
  }

  /** Syncs what was written so far; there is nothing to sync in a segment that was closed. */
  async sync(): Promise<void> {
    if (this.#isClosed) return
    try {
      await fdatasyncAsync(this.#fd)
    } catch (error) {
      if (!this.#isClosed) throw error
    }
  }

  /** The same at once, for the end of the process. */
  syncNow(): void {
    fdatasyncSync(this.#fd)
  }

  close(): void {
    this.#isClosed = true
    closeSync(this.#fd)
  }

  /** Gives the disk back what a failed write took of it. */
  #cutBack(): void {
    try {
      this.cut()
    } catch (error) {
      // The next write starts at the same place, and a restart finds no whole record here.
      console.warn(`collector: could not cut ${this.path} back: ${error}`)
    }
  }
}
