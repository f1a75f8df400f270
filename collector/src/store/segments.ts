import { readdirSync, readFileSync, statSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { TracesRequest } from '../consumer.ts'
import { makeFolder } from './make-folder.ts'
import { defaultRetention, type Retention, segmentLimits } from './retention.ts'
import { SegmentFile } from './segment-file.ts'
import { encodeHeader, headerLength, readSegment, type SegmentRecord } from './segment-record.ts'

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
 * were written, over all segments; a record keeps its number when older ones are dropped.
 *
 * A record is safe from the death of this process as soon as it is written, because the bytes are
 * then in the operating system's page cache; they are not synced, so a power cut may take the last
 * seconds.
 */
export class Segments {
  readonly #folder: string
  readonly #retention: Retention
  readonly #full: Retention
  /** Never empty after `recover`; the last one is open for writing. */
  readonly #segments: SegmentFile[] = []
  #lastArrival = 0n
  readonly damage: Damage = { places: 0, bytes: 0, tornBytes: 0 }

  /**
   * Makes the folder where it is missing.
   * @throws the file system's error where that is not allowed
   */
  constructor(folder: string, retention = defaultRetention) {
    makeFolder(folder)
    this.#folder = folder
    this.#retention = retention
    this.#full = segmentLimits(retention)
  }

  /**
   * Opens the segments and visits every whole record in them; to be called once, before all else.
   * Segments that are too many bytes by now are not even read.
   * @throws the file system's error where a segment cannot be read and written
   */
  recover(visit: (record: number, payload: Buffer) => void): void {
    const numbers = readdirSync(this.#folder)
      .map((name) => /^(\d+)\.segment$/.exec(name)?.[1])
      .filter((digits) => digits !== undefined)
      .map(Number)
      .sort((a, b) => a - b)
    const sizes = numbers.map((number) => statSync(this.#pathOf(number)).size)
    let bytes = sizes.reduce((sum, size) => sum + size, 0)
    while (bytes > this.#retention.bytes && numbers.length > 1) {
      remove(this.#pathOf(numbers.shift()!))
      bytes -= sizes.shift()!
    }
    for (const number of numbers) this.#recover(number, number === numbers.at(-1), visit)
    // Never a number that an earlier, wiped folder may have used: positions of it must not fit.
    if (numbers.length === 0) this.#add(Date.now())
  }

  /** The number of the oldest record that is still there, or of the next one. */
  get start(): number {
    return this.#segments[0]!.firstRecord
  }

  /** The number that the next record gets. */
  get end(): number {
    return this.#last.endRecord
  }

  /** Which segment the next record goes to, unless `makeRoom` is called before. */
  get lastNumber(): number {
    return this.#last.number
  }

  /**
   * Makes the folder ready for a number of bytes: opens a new segment where the last is full, then
   * drops the oldest ones until both limits are kept. The one that is open always stays.
   * @returns the numbers of the segments that are gone
   * @throws the file system's error when a segment could not be opened; nothing is gone then
   */
  makeRoom(length = 0): number[] {
    const now = Date.now()
    const last = this.#last
    const isOld = last.size > 0 && now - last.firstArrival > this.#full.age
    const isFull = last.size > 0 && last.size + length > this.#full.bytes
    if (isOld || isFull) this.#add(last.number + 1)
    let bytes = this.#segments.reduce((sum, { size }) => sum + size, length)
    const dropped: number[] = []
    while (this.#segments.length > 1) {
      const oldest = this.#segments[0]!
      const isExpired = now - oldest.lastArrival > this.#retention.age
      if (bytes <= this.#retention.bytes && !isExpired) break
      this.#segments.shift()
      bytes -= oldest.size
      dropped.push(oldest.number)
      oldest.close()
      remove(oldest.path)
    }
    return dropped
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
    this.#last.append(parts, lengthOf(requests))
    const first = this.end
    for (const { payload } of requests) {
      this.#last.note(this.#last.size, payload.length, toMilliseconds(arrival))
    }
    return first
  }

  /** Undefined when the record is gone, or cannot be read any more. */
  read(record: number): Buffer | undefined {
    return this.#segmentOf(record)?.read(record)
  }

  /**
   * Milliseconds since the Unix epoch; never earlier than that of the record before.
   * @param record one that is still there
   */
  arrivedAt(record: number): number {
    return Math.floor(this.#segmentOf(record)!.arrival(record))
  }

  /** Where the first `count` records end, as `<segment>-<offset>`; of those that are gone, all. */
  positionAfter(count: number): string {
    if (count <= this.start) return `${this.#segments[0]!.number}-0`
    const segment = this.#segmentOf(count - 1)!
    return `${segment.number}-${segment.endOffset(count - 1)}`
  }

  /** How many records are before a position; undefined when no record starts or ends there. */
  countBefore(position: string): number | undefined {
    const [, number, offset] = /^(\d{1,15})-(\d{1,15})$/.exec(position) ?? []
    if (number === undefined) return undefined
    const segment = this.#segments.find((candidate) => candidate.number === Number(number))
    if (segment === undefined) return undefined
    const count = segment.firstRecord + segment.countBefore(Number(offset))
    return this.positionAfter(count) === position || Number(offset) === 0 ? count : undefined
  }

  close(): void {
    for (const segment of this.#segments.splice(0)) segment.close()
  }

  get #last(): SegmentFile {
    return this.#segments.at(-1)!
  }

  /** The segments are few, and most of what is read is new. */
  #segmentOf(record: number): SegmentFile | undefined {
    return this.#segments.findLast(
      ({ firstRecord, endRecord }) => firstRecord <= record && record < endRecord,
    )
  }

  #recover(number: number, isLast: boolean, visit: (record: number, payload: Buffer) => void) {
    const segment = this.#open(number, 'r+')
    const bytes = readFileSync(segment.path)
    const onRecord = (offset: number, { arrival, payload }: SegmentRecord) => {
      if (arrival > this.#lastArrival) this.#lastArrival = arrival
      visit(segment.note(offset, payload.length, toMilliseconds(arrival)), payload)
    }
    const scan = readSegment(bytes, onRecord)
    this.damage.places += scan.damagedPlaces
    this.damage.bytes += scan.damagedBytes
    const tail = bytes.length - scan.end
    if (tail === 0) return
    if (isLast) {
      segment.cut()
      this.damage.tornBytes += tail
    } else {
      this.damage.places++
      this.damage.bytes += tail
    }
  }

  #add(number: number): void {
    this.#open(number, 'wx+')
  }

  #open(number: number, flags: 'wx+' | 'r+'): SegmentFile {
    const firstRecord = this.#segments.at(-1)?.endRecord ?? 0
    const segment = new SegmentFile(this.#pathOf(number), flags, number, firstRecord)
    this.#segments.push(segment)
    return segment
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

/** Bytes that requests take in a segment. */
export function lengthOf(requests: readonly TracesRequest[]): number {
  return requests.reduce((sum, { payload }) => sum + headerLength + payload.length, 0)
}

function toMilliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds / 1_000n) / 1_000
}

/** What cannot be removed now is found, and dropped again, at the next start. */
function remove(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    console.warn(`collector: could not remove ${path}: ${error}`)
  }
}
