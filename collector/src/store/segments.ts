import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  writevSync,
} from 'node:fs'
import { join } from 'node:path'
import type { TracesRequest } from '../consumer.ts'
import { doubles, unsigned32 } from './column.ts'
import {
  encodeHeader,
  headerLength,
  readRecord,
  readSegment,
  type SegmentRecord,
} from './segment-record.ts'

/** A segment that has reached this many bytes takes no more: the next record opens another. */
const fullSegment = 64 * 1024 * 1024

interface Segment {
  /** Its name: `<number>.segment`. */
  number: number
  fd: number
  /** Bytes of whole records; the next one is written here, over whatever a failed write left. */
  size: number
}

/** What was not readable when the folder was opened. */
export interface Damage {
  /** Places between whole records, and the bytes of them all. */
  places: number
  bytes: number
  /** Cut from the end of the last segment: a write that the end of the process interrupted. */
  tornBytes: number
}

/**
 * The folder of append-only segment files. Records are numbered from 0 in the order in which they
 * were written, over all segments.
 *
 * A record is safe from the death of this process as soon as it is written, because the bytes are
 * then in the operating system's page cache; they are not synced, so a power cut may take the last
 * seconds.
 */
export class Segments {
  readonly #folder: string
  readonly #segments: Segment[] = []
  readonly #segmentOf = unsigned32()
  readonly #offsetOf = unsigned32()
  readonly #payloadLengthOf = unsigned32()
  /** Milliseconds since the Unix epoch, with fractions. */
  readonly #arrivalOf = doubles()
  #lastArrival = 0n
  readonly damage: Damage = { places: 0, bytes: 0, tornBytes: 0 }

  /**
   * Makes the folder where it is missing.
   * @throws the file system's error where that is not allowed
   */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true })
    this.#folder = folder
  }

  /**
   * Opens the segments and visits every whole record in them; to be called once, before all else.
   * @throws the file system's error where a segment cannot be read and written
   */
  recover(visit: (record: number, payload: Buffer) => void): void {
    const numbers = readdirSync(this.#folder)
      .map((name) => /^(\d+)\.segment$/.exec(name)?.[1])
      .filter((digits) => digits !== undefined)
      .map(Number)
      .sort((a, b) => a - b)
    for (const number of numbers) this.#recover(number, number === numbers.at(-1), visit)
    // Never a number that an earlier, wiped folder may have used: positions of it must not fit.
    if (numbers.length === 0) this.#add(Date.now())
  }

  get count(): number {
    return this.#offsetOf.length
  }

  /**
   * Appends requests with a single write: all of them, or none.
   * @returns the number of the first record; the others follow
   * @throws when they could not be written, because the disk is full for example
   */
  append(requests: readonly TracesRequest[]): number {
    const arrival = this.#now()
    const parts = requests.flatMap(({ payload, receiver }) => [
      encodeHeader(payload, receiver, arrival),
      payload,
    ])
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    if (this.#last.size + length > fullSegment && this.#last.size > 0) {
      this.#add(this.#last.number + 1)
    }
    writeAll(this.#last, parts, length)
    const first = this.count
    for (const { payload } of requests) {
      this.#note(this.#last.size, arrival, payload.length)
      this.#last.size += headerLength + payload.length
    }
    return first
  }

  /** Undefined when the record cannot be read any more: somebody changed or emptied the files. */
  read(record: number): Buffer | undefined {
    const segment = this.#segments[this.#segmentOf.get(record)]!
    const bytes = Buffer.allocUnsafe(headerLength + this.#payloadLengthOf.get(record))
    const length = readSync(segment.fd, bytes, 0, bytes.length, this.#offsetOf.get(record))
    return length < bytes.length ? undefined : readRecord(bytes, 0)?.payload
  }

  /** Milliseconds since the Unix epoch; never earlier than that of the record before. */
  arrivedAt(record: number): number {
    return Math.floor(this.#arrivalOf.get(record))
  }

  /** Where the first `count` records end, as `<segment>-<offset>`. */
  positionAfter(count: number): string {
    if (count === 0) return `${this.#segments[0]!.number}-0`
    const record = count - 1
    const end = this.#offsetOf.get(record) + headerLength + this.#payloadLengthOf.get(record)
    return `${this.#segments[this.#segmentOf.get(record)]!.number}-${end}`
  }

  /** How many records are before a position; undefined when no record starts or ends there. */
  countBefore(position: string): number | undefined {
    const [, number, offset] = /^(\d{1,15})-(\d{1,15})$/.exec(position) ?? []
    if (number === undefined) return undefined
    const segment = this.#segments.findIndex((candidate) => candidate.number === Number(number))
    if (segment === -1) return undefined
    const count = this.#countBefore(segment, Number(offset))
    return this.positionAfter(count) === position || Number(offset) === 0 ? count : undefined
  }

  close(): void {
    for (const { fd } of this.#segments.splice(0)) closeSync(fd)
  }

  get #last(): Segment {
    return this.#segments.at(-1)!
  }

  /** Binary search for the number of records that start before an offset of a segment. */
  #countBefore(segment: number, offset: number): number {
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >>> 1
      const at = this.#segmentOf.get(middle)
      if (at < segment || (at === segment && this.#offsetOf.get(middle) < offset)) low = middle + 1
      else high = middle
    }
    return low
  }

  #recover(number: number, isLast: boolean, visit: (record: number, payload: Buffer) => void) {
    const path = this.#pathOf(number)
    const segment = { number, fd: openSync(path, 'r+'), size: 0 }
    this.#segments.push(segment)
    const bytes = readFileSync(path)
    const onRecord = (offset: number, { arrival, payload }: SegmentRecord) => {
      if (arrival > this.#lastArrival) this.#lastArrival = arrival
      visit(this.#note(offset, arrival, payload.length), payload)
    }
    const scan = readSegment(bytes, onRecord)
    segment.size = scan.end
    this.damage.places += scan.damagedPlaces
    this.damage.bytes += scan.damagedBytes
    const tail = bytes.length - scan.end
    if (tail === 0) return
    if (isLast) {
      ftruncateSync(segment.fd, scan.end)
      this.damage.tornBytes += tail
    } else {
      this.damage.places++
      this.damage.bytes += tail
    }
  }

  #note(offset: number, arrival: bigint, payloadLength: number): number {
    this.#segmentOf.push(this.#segments.length - 1)
    this.#arrivalOf.push(Number(arrival / 1_000n) / 1_000)
    this.#payloadLengthOf.push(payloadLength)
    return this.#offsetOf.push(offset)
  }

  #add(number: number): void {
    const fd = openSync(this.#pathOf(number), 'wx+')
    this.#segments.push({ number, fd, size: fstatSync(fd).size })
  }

  #pathOf(number: number): string {
    return join(this.#folder, `${number}.segment`)
  }

  /** The wall clock may be set back; order of arrival must not follow it. */
  #now(): bigint {
    const now = BigInt(Date.now()) * 1_000_000n
    if (now > this.#lastArrival) this.#lastArrival = now
    return this.#lastArrival
  }
}

/**
 * Writes synchronously: into the page cache that takes microseconds, less than handing the bytes to
 * another thread and back, and no other write can come between.
 */
function writeAll(segment: Segment, parts: readonly Uint8Array[], length: number): void {
  try {
    const written = writevSync(segment.fd, parts, segment.size)
    if (written < length) throw new Error(`only ${written} of ${length} bytes fitted`)
  } catch (error) {
    cutBack(segment)
    throw error
  }
}

/** Gives the disk back what a failed write took of it. */
function cutBack(segment: Segment): void {
  try {
    ftruncateSync(segment.fd, segment.size)
  } catch (error) {
    // The next write starts at the same place, and a restart finds no whole record here.
    console.warn(`collector: could not cut ${segment.number}.segment back: ${error}`)
  }
}
