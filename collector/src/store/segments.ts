import { existsSync, readdirSync, readFileSync, rmSync, statSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { TracesRequest } from '../consumer.ts'
import { AgeClock } from './age-clock.ts'
import { makeFolder, syncFolder } from './make-folder.ts'
import { defaultRetention, type Retention, type SegmentLimits, segmentLimits } from './retention.ts'
import { PageCache } from './sealed/page-cache.ts'
import { SealedSegment } from './sealed/sealed-segment.ts'
import { unseal } from './sealed/unseal.ts'
import type { Segment } from './segment.ts'
import { SegmentFile } from './segment-file.ts'
import { encodeRecords, headerLength, readSegment, type SegmentRecord } from './segment-record.ts'

/** What was not readable when the folder was opened. */
export interface Damage {
  /** Places between whole records, and the bytes of them all. */
  places: number
  bytes: number
  /** Cut from the end of the last segment: a write that the end of the process interrupted. */
  tornBytes: number
}

/** What is found in the folder when it is opened. */
export interface FoundSegments {
  /** A segment that is sealed. */
  sealed(segment: SealedSegment): void
  /** A whole record of one that is not. */
  record(record: number, payload: Buffer): void
}

/** Of sealed segments, all together: pages of their indexes and blocks of their records. */
const cachedBytes = 12 * 1024 * 1024

/**
 * The folder of append-only segment files, `<number>.segment`; full ones are sealed in time, which
 * makes them `<number>.sealed`. Records are numbered from 0 in the order in which they
 * were written, over all segments; a record keeps its number when older ones are dropped.
 *
 * A record is safe from the death of this process as soon as it is written, because the bytes are
 * then in the operating system's page cache; from a power cut once they are synced (disk-sync.ts).
 */
export class Segments {
  readonly #folder: string
  readonly #retention: Retention
  readonly #limits: SegmentLimits
  readonly #cache = new PageCache(cachedBytes)
  readonly #clock = new AgeClock()
  #isLeapTold = false
  /** Never empty after `recover`; the last one is open for writing. */
  readonly #segments: Segment[] = []
  #lastArrival = 0n
  readonly #unsynced = new Set<SegmentFile>()
  #isFolderSynced = true
  /** Bytes of a sealed segment that is being written. */
  unfinishedBytes = 0
  readonly damage: Damage = { places: 0, bytes: 0, tornBytes: 0 }

  /**
   * Makes the folder where it is missing.
   * @throws the file system's error where that is not allowed
   */
  constructor(folder: string, retention = defaultRetention, limits = segmentLimits(retention)) {
    makeFolder(folder)
    this.#folder = folder
    this.#retention = retention
    this.#limits = limits
  }

  /**
   * Opens the segments and visits what is in them, in order; to be called once, before all else.
   * Segments that are too many bytes by now are not even read.
   * @throws the file system's error where a segment cannot be read and written
   */
  recover(found: FoundSegments): void {
    const names = readdirSync(this.#folder)
    for (const name of names) {
      if (/^\d+\.(segment|sealed)\.unfinished$/.test(name)) rmSync(join(this.#folder, name))
    }
    const digits = names.map((name) => /^(\d+)\.(?:segment|sealed)$/.exec(name)?.[1])
    const numbers = [...new Set(digits.filter((each) => each !== undefined).map(Number))]
    numbers.sort((a, b) => a - b)
    const sizes = numbers.map((number) =>
      this.#pathsOf(number).reduce((sum, path) => sum + sizeOf(path), 0),
    )
    let bytes = sizes.reduce((sum, size) => sum + size, 0)
    while (bytes > this.#retention.bytes && numbers.length > 1) {
      for (const path of this.#pathsOf(numbers.shift()!)) if (existsSync(path)) remove(path)
      bytes -= sizes.shift()!
    }
    for (const number of numbers) this.#recover(number, number === numbers.at(-1), found)
    const last = numbers.at(-1)
    // Never a number that an earlier, wiped folder may have used: positions of it must not fit.
    if (last === undefined) this.#add(Date.now())
    else if (this.#segments.at(-1) instanceof SealedSegment) this.#add(last + 1)
  }

  /** The number of the oldest record that is still there, or of the next one. */
  get start(): number {
    return this.#segments[0]!.firstRecord
  }

  /** Found when the folder was opened, and when something was read since. */
  get damagedBytes(): number {
    const found = (segment: Segment) =>
      segment instanceof SealedSegment ? segment.damagedBytes : 0
    return this.#segments.reduce((sum, segment) => sum + found(segment), this.damage.bytes)
  }

  /** The number that the next record gets. */
  get end(): number {
    return this.#last.endRecord
  }

  /** Which segment the next record goes to, unless `makeRoom` is called before. */
  get lastNumber(): number {
    return this.#last.number
  }

  /** The segments that are full and not sealed yet, the oldest first. */
  get toSeal(): SegmentFile[] {
    return this.#segments
      .slice(0, -1)
      .filter((segment) => segment instanceof SegmentFile)
      .filter(({ size }) => size > 0 && size >= this.#limits.sealFrom)
  }

  /** Syncs all that was written before, with the name of a new segment's file. */
  async sync(): Promise<void> {
    const unsynced = [...this.#unsynced]
    this.#unsynced.clear()
    try {
      await Promise.all(unsynced.map((segment) => segment.sync()))
      if (!this.#isFolderSynced) await syncFolder(this.#folder)
      this.#isFolderSynced = true
    } catch (error) {
      for (const segment of unsynced) this.#unsynced.add(segment)
      throw error
    }
  }

  /** The same at once, for the end of the process. */
  syncNow(): void {
    for (const segment of this.#unsynced) if (this.has(segment)) segment.syncNow()
    this.#unsynced.clear()
  }

  has(segment: Segment): boolean {
    return this.#segments.includes(segment)
  }

  sealedPathOf(number: number): string {
    return join(this.#folder, `${number}.sealed`)
  }

  /**
   * Puts the sealed form, which is there by now, in the place of a segment.
   * @throws when it cannot be read: nothing has changed then, but that the sealed form is gone
   */
  replace(segment: SegmentFile): SealedSegment {
    const path = this.sealedPathOf(segment.number)
    try {
      const { number, firstRecord } = segment
      const sealed = new SealedSegment(path, number, firstRecord, this.#cache)
      this.#segments[this.#segments.indexOf(segment)] = sealed
      // The sealed form was synced as a whole.
      this.#unsynced.delete(segment)
      segment.close()
      remove(segment.path)
      return sealed
    } catch (error) {
      remove(path)
      throw error
    }
  }

  /**
   * Makes the folder ready for a number of bytes: opens a new segment where the last is full, then
   * drops the oldest ones until both limits are kept. The one that is open always stays.
   * @returns the numbers of the segments that are gone
   * @throws the file system's error when a segment could not be opened; nothing is gone then
   */
  makeRoom(length = 0): number[] {
    const now = this.#clock.now()
    const last = this.#last
    const isOld = last.size > 0 && now - last.firstArrival > this.#limits.age
    const isFull = last.size > 0 && last.size + length > this.#limits.bytes
    if (isOld || isFull) this.#add(last.number + 1)
    let bytes = this.#segments.reduce((sum, { size }) => sum + size, length + this.unfinishedBytes)
    const dropped: number[] = []
    while (this.#segments.length > 1) {
      const oldest = this.#segments[0]!
      const isExpired = now - oldest.lastArrival > this.#retention.age
      if (bytes <= this.#retention.bytes && !isExpired) {
        this.#tellOfLeap(now, oldest)
        break
      }
      this.#segments.shift()
      bytes -= oldest.size
      dropped.push(oldest.number)
      if (oldest instanceof SegmentFile) this.#unsynced.delete(oldest)
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
    const last = this.#last
    const arrival = this.#now()
    const length = lengthOf(requests)
    last.append(encodeRecords(requests, length, arrival), length)
    this.#unsynced.add(last)
    const first = this.end
    const milliseconds = toMilliseconds(arrival)
    for (const { payload } of requests) last.note(last.size, payload.length, milliseconds)
    return first
  }

  /** Undefined when the record is gone, or cannot be read any more. */
  read(record: number): Buffer | undefined {
    return this.#segmentOf(record)?.read(record)
  }

  /**
   * Milliseconds since the Unix epoch; never earlier than that of the record before.
   * @param record one that is still there; 0 when that cannot be read any more
   */
  arrivedAt(record: number): number {
    return Math.floor(this.#segmentOf(record)?.arrival(record) || 0)
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
    return this.#segments.at(-1) as SegmentFile
  }

  /** The segments are few, and most of what is read is new. */
  #segmentOf(record: number): Segment | undefined {
    return this.#segments.findLast(
      ({ firstRecord, endRecord }) => firstRecord <= record && record < endRecord,
    )
  }

  #recover(number: number, isLast: boolean, found: FoundSegments): void {
    const sealed = this.#openSealed(number)
    if (sealed === undefined) {
      this.#readAgain(number, isLast, found)
      return
    }
    // The process ended before it could remove it.
    const path = this.#pathOf(number)
    if (existsSync(path)) remove(path)
    this.#segments.push(sealed)
    this.#lastArrival = later(this.#lastArrival, toNanoseconds(sealed.lastArrival))
    found.sealed(sealed)
  }

  /** Undefined when there is none, or its index cannot be read: then it is unsealed. */
  #openSealed(number: number): SealedSegment | undefined {
    const path = this.sealedPathOf(number)
    if (!existsSync(path)) return undefined
    try {
      return new SealedSegment(path, number, this.#nextRecord, this.#cache)
    } catch (error) {
      console.warn(`collector: reads the records of ${path} anew, its index is lost: ${error}`)
    }
    if (!existsSync(this.#pathOf(number))) {
      const bytes = unseal(path, this.#pathOf(number))
      this.damage.places++
      this.damage.bytes += bytes
    }
    remove(path)
    return undefined
  }

  #readAgain(number: number, isLast: boolean, found: FoundSegments): void {
    const segment = this.#open(number, 'r+')
    const bytes = readFileSync(segment.path)
    const onRecord = (offset: number, { arrival, payload }: SegmentRecord) => {
      this.#lastArrival = later(this.#lastArrival, arrival)
      found.record(segment.note(offset, payload.length, toMilliseconds(arrival)), payload)
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
    this.#isFolderSynced = false
    this.#open(number, 'wx+')
  }

  #open(number: number, flags: 'wx+' | 'r+'): SegmentFile {
    const segment = new SegmentFile(this.#pathOf(number), flags, number, this.#nextRecord)
    this.#segments.push(segment)
    return segment
  }

  get #nextRecord(): number {
    return this.#segments.at(-1)?.endRecord ?? 0
  }

  #pathOf(number: number): string {
    return join(this.#folder, `${number}.segment`)
  }

  /** One of them is there, or both when the process ended in between. */
  #pathsOf(number: number): string[] {
    return [this.#pathOf(number), this.sealedPathOf(number)]
  }

  /** Once for each leap of the clock that something would have gone by. */
  #tellOfLeap(now: number, { lastArrival }: Segment): void {
    const isKept = Date.now() - lastArrival > this.#retention.age
    if (isKept && !this.#isLeapTold) {
      const hours = Math.round((Date.now() - now) / 3_600_000)
      console.warn(
        `collector: the clock leapt ahead by ${hours} h: what is too old by it goes in an hour, ` +
          'unless the clock is set right',
      )
    }
    this.#isLeapTold = isKept
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

function toNanoseconds(milliseconds: number): bigint {
  return BigInt(Math.ceil(milliseconds * 1_000)) * 1_000n
}

function later(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/** What cannot be removed now is found, and dropped again, at the next start. */
function remove(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    console.warn(`collector: could not remove ${path}: ${error}`)
  }
}
