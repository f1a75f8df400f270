import type {
  Arrival,
  OperationsResult,
  SearchResult,
  ServiceMapResult,
  TraceArrivals,
  TraceSummary,
  TracesData,
} from '@pingtrace/otlp'
import {
  MalformedError,
  type TracesConsumer,
  type TracesOutcome,
  type TracesRequest,
} from '../consumer.ts'
import { TracesScan } from '../otlp/scan.ts'
import { DiskSync, type SyncPolicy } from './disk-sync.ts'
import { describeFound, type FoundTrace } from './found-trace.ts'
import { GroupCommit } from './group-commit.ts'
import { groupOperations, type Question } from './group-operations.ts'
import { mapServices } from './map-services.ts'
import { ResentSpans } from './resent-spans.ts'
import { defaultRetention, type Retention, type SegmentLimits } from './retention.ts'
import { ScanPool } from './scan-pool.ts'
import { Sealer } from './sealed/sealer.ts'
import { headerLength } from './segment-record.ts'
import { lengthOf, Segments } from './segments.ts'
import { readSpanBytes } from './span-bytes.ts'
import { LastRecord, readStoredSpans } from './span-reader.ts'
import { type Operation, TraceIndex } from './trace-index.ts'
import type { TraceQuery } from './trace-query.ts'
import { type Page, readInParts, TraceReader, type TraceSource } from './trace-reader.ts'
import { findTraceIds } from './trace-search.ts'
import { arrivalsOf, bytesOf } from './trace-spans.ts'
import { type IndexedTrace, idOf, summarize } from './trace-summary.ts'
import { type TraceqlSearch, TraceqlSearcher } from './traceql-search.ts'

/** One request as it came, with its number in the order of arrival. */
export interface StoredRequest {
  record: number
  payload: Buffer
}

export interface StoreOptions {
  /** Of a segment, where they do not follow from what is kept. */
  limits?: SegmentLimits | undefined
  /** `none` unless said otherwise. */
  fsync?: SyncPolicy | undefined
}

/** A request that waits to be written, with what its scan noted where that was kept. */
interface ScannedRequest {
  request: TracesRequest
  scan: TracesScan | undefined
}

/** How often spans that nobody adds to are looked at for their age, in milliseconds. */
const longestExpiryWait = 60_000

/**
 * Takes requests in, keeps their bytes in segment files, and answers from an index in memory.
 * A request is scanned on its way in, never decoded; only `readTrace` decodes what it is asked for.
 *
 * A *cursor* is a point in the order of arrival: how many records came before it. Clients keep it
 * as a *position*, `<segment>-<offset>`, which still means the same after a restart.
 */
export class TraceStore implements TracesConsumer {
  readonly #segments: Segments
  readonly #index: TraceIndex
  readonly #sealer: Sealer
  readonly #sync: DiskSync
  readonly #scan = new TracesScan()
  readonly #scans = new ScanPool()
  readonly #source: TraceSource
  readonly #commits: GroupCommit<ScannedRequest>
  readonly #listeners = new Set<() => void>()
  readonly #expiry: NodeJS.Timeout
  #isFailing = false
  #dropped = 0

  /**
   * Opens the folder and rebuilds the index of what is not sealed in it.
   * @throws the file system's error when the folder cannot be used
   */
  constructor(folder: string, retention: Retention = defaultRetention, options: StoreOptions = {}) {
    const { limits, fsync = 'none' } = options
    this.#segments = new Segments(folder, retention, limits)
    this.#index = new TraceIndex(new ResentSpans((record) => this.#segments.read(record)))
    this.#commits = new GroupCommit(
      ({ request }) => headerLength + request.payload.length,
      (requests) => this.#commit(requests),
    )
    this.#sync = new DiskSync(fsync, () => this.#segments.sync())
    this.#sealer = new Sealer(this.#segments, this.#index)
    this.#source = this.#traceSource()
    this.#segments.recover({
      sealed: ({ index }) => this.#index.addSealed(index),
      record: (record, payload) => this.#indexRecovered(record, payload),
    })
    // The scan still points into the last segment's bytes, up to 64 MiB: let them go.
    this.#scan.scan(new Uint8Array())
    this.#reportDamage()
    this.#expire()
    this.#sealer.wake()
    const wait = Math.min(longestExpiryWait, retention.age / 8)
    this.#expiry = setInterval(() => this.#expire(), wait).unref()
  }

  /** @throws MalformedError, or the file system's error when the request could not be written */
  async consumeTraces(request: TracesRequest): Promise<TracesOutcome> {
    const noted = this.#scans.take()
    try {
      const scan = noted ?? this.#scan
      scan.scan(request.payload)
      const rejectedSpans = countInvalid(scan)
      const acceptedSpans = scan.spanCount - rejectedSpans
      if (acceptedSpans > 0) await this.#commits.add({ request, scan: noted })
      const message = rejectedSpans > 0 ? 'spans need a valid trace id and span id' : ''
      return { acceptedSpans, rejectedSpans, message }
    } finally {
      this.#scans.giveBack(noted)
    }
  }

  get spanCount(): number {
    return this.#index.spanCount
  }

  get traceCount(): number {
    return this.#index.traceCount
  }

  /** The cursor before everything that is stored: 0 until retention drops something. */
  get start(): number {
    return this.#segments.start
  }

  /** The cursor after everything that is stored. */
  get end(): number {
    return this.#segments.end
  }

  /** How many segments retention has dropped since the store was opened. */
  get droppedSegments(): number {
    return this.#dropped
  }

  /** Bytes that cannot be read any more, as far as somebody has tried. */
  get damagedBytes(): number {
    return this.#segments.damagedBytes
  }

  positionOf(cursor: number): string {
    return this.#segments.positionAfter(cursor)
  }

  /** Undefined for a position that this store never gave out, or whose records are gone. */
  cursorOf(position: string): number | undefined {
    return this.#segments.countBefore(position)
  }

  services(): string[] {
    return this.#index.services()
  }

  operations(service: string): Operation[] {
    return this.#index.operations(service)
  }

  /** The traces that changed last, newest first. */
  recentTraces(limit: number): TraceSummary[] {
    return this.#index.newestTraces(limit).map((trace) => this.#summary(trace))
  }

  /** @param traceId 32 hex digits */
  summaryOf(traceId: string): TraceSummary | undefined {
    const trace = this.#findTrace(traceId)
    return trace && this.#summary(trace)
  }

  /**
   * The requests that brought spans of a trace, in order of arrival, without reading them.
   * @param traceId 32 hex digits; a trace that is not known has none
   * @param most so many spans are in them; of those that came later the number is told
   */
  arrivalsOf(traceId: string, most: number): TraceArrivals {
    const arrivals: Arrival[] = []
    let last = -1
    let count = 0
    for (const { record, spanId } of arrivalsOf(this.#findTrace(traceId) ?? [])) {
      if (count++ === most) break
      if (record === last) arrivals.at(-1)!.spanIds.push(spanId)
      else arrivals.push({ at: this.#segments.arrivedAt(record), spanIds: [spanId] })
      last = record
    }
    const laterSpans = Math.max(0, (this.summaryOf(traceId)?.spanCount ?? 0) - most)
    return { arrivals, laterSpans }
  }

  /** The traces that changed after a cursor, newest first; about `limit` of them in a page. */
  changedTraces(after: number, limit: number): Page<TraceSummary[]> {
    const { traces, before } = this.#index.tracesChangedFrom(after, limit)
    return { content: traces.map((trace) => this.#summary(trace)), next: before ?? this.end }
  }

  /**
   * The spans of a trace that arrived after a cursor, about `maxBytes` of them (as they are stored).
   * @param traceId 32 hex digits; a trace that is not known has no spans
   */
  readTrace(traceId: string, after = 0, maxBytes = Number.POSITIVE_INFINITY): Page<TracesData> {
    return this.followTrace(traceId, after).page(maxBytes)
  }

  /** The same for who wants one page after the other. */
  followTrace(traceId: string, after = 0): TraceReader {
    return new TraceReader(this.#source, traceId, after)
  }

  /**
   * All spans of traces, one trace after the other, for who takes part by part.
   * @param partBytes of a part, about, as spans are stored
   * @throws SpansGoneError when retention overtakes the reader
   */
  readInParts(traceIds: Iterable<string>, partBytes: number): Generator<TracesData, void> {
    return readInParts(this.#source, traceIds, partBytes)
  }

  /** How many bytes a trace's spans are, as they are stored. */
  bytesOf(traceId: string): number {
    const trace = this.#findTrace(traceId)
    return trace === undefined ? 0 : bytesOf(trace)
  }

  /**
   * The requests after a cursor as they came, oldest first: up to `maxBytes` of them, and one at
   * least. Those that retention has dropped, or that can be read no more, are not among them.
   */
  requestsAfter(after: number, maxBytes: number): Page<StoredRequest[]> {
    const content: StoredRequest[] = []
    let bytes = 0
    for (let record = Math.max(after, this.start); record < this.end; record++) {
      const payload = this.#segments.read(record)
      if (payload === undefined) continue
      bytes += payload.length
      if (content.length > 0 && bytes > maxBytes) return { content, next: record }
      content.push({ record, payload })
    }
    return { content, next: Math.max(after, this.end) }
  }

  /**
   * The ids of the traces that a query finds, in 32 hex digits: those whose fitting span arrived last
   * in front.
   * @throws SearchTooLargeError
   */
  async findTraces(query: TraceQuery): Promise<string[]> {
    return (await this.#find(query)).map(idOf)
  }

  /**
   * The traces that a query finds, summed up without reading them.
   * @throws SearchTooLargeError
   */
  async describeTraces(query: TraceQuery): Promise<FoundTrace[]> {
    return (await this.#find(query)).map(describeFound)
  }

  /**
   * The traces that a TraceQL query matches, those that arrived last in front.
   * @param isStopped ends the search, which then answers what it has
   */
  async searchTraces(search: TraceqlSearch, isStopped?: () => boolean): Promise<SearchResult> {
    const read = (record: number) => this.#segments.read(record)
    const searcher = new TraceqlSearcher(this.#index, read, search, isStopped)
    const { found, examined, partial } = await searcher.run()
    const traces = found.flatMap(({ id, ...matched }) => {
      const trace = this.#index.findTrace(id)
      return trace === undefined ? [] : [{ ...this.#summary(trace), ...matched }]
    })
    return { traces, examined, ...(partial === undefined ? {} : { partial }) }
  }

  /** The spans that a query selects by what they did: how many, how many failed, how slow. */
  groupOperations(question: Question, isStopped: () => boolean): Promise<OperationsResult> {
    const read = (record: number) => this.#segments.read(record)
    return groupOperations(this.#index, read, question, isStopped)
  }

  /** Who calls whom in the traces that a query matches. */
  mapServices(question: Question, isStopped: () => boolean): Promise<ServiceMapResult> {
    const read = (record: number) => this.#segments.read(record)
    return mapServices(this.#index, read, question, isStopped)
  }

  /**
   * Calls the listener after each commit, and after retention dropped something; it reads what
   * changed when, and if, it wants to know.
   */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves when every segment that is full is sealed, or could not be. */
  settled(): Promise<void> {
    return this.#sealer.settled()
  }

  close(): void {
    clearInterval(this.#expiry)
    this.#sealer.stop()
    if (this.#sync.stop()) this.#segments.syncNow()
    this.#segments.close()
  }

  #findTrace(traceId: string): IndexedTrace | undefined {
    return this.#index.findTrace(Buffer.from(traceId, 'hex'))
  }

  #traceSource(): TraceSource {
    const [segments, lastRecord] = [this.#segments, new LastRecord((r) => this.#segments.read(r))]
    return {
      get start() {
        return segments.start
      },
      get end() {
        return segments.end
      },
      find: (traceId) => this.#findTrace(traceId),
      read: (spans) => readStoredSpans(spans, lastRecord),
      readBytes: (spans) => readSpanBytes(spans, lastRecord),
      forget: () => lastRecord.forget(),
    }
  }

  /** Traces that went while the search went on are not among them. */
  async #find(query: TraceQuery): Promise<IndexedTrace[]> {
    const read = (record: number) => this.#segments.read(record)
    const ids = await findTraceIds(this.#index.segments, read, query)
    return ids.map((id) => this.#index.findTrace(id)).filter((trace) => trace !== undefined)
  }

  #summary(trace: IndexedTrace): TraceSummary {
    return summarize(trace, this.#segments.arrivedAt(this.#index.lastRecord(trace)))
  }

  #commit(group: readonly ScannedRequest[]): Promise<void> | undefined {
    let record = this.#append(group.map(({ request }) => request))
    for (const { request, scan = this.#scan } of group) {
      // Of many requests at a time most are scanned twice: that is cheaper than what all would note.
      if (scan === this.#scan) scan.scan(request.payload)
      this.#index.add(this.#segments.lastNumber, record++, request.payload, scan)
    }
    this.#tell()
    return this.#sync.written()
  }

  /** Drops what is too old, when nothing arrives that would. */
  #expire(): void {
    try {
      if (this.#makeRoom()) this.#tell()
    } catch (error) {
      // Only a new segment can fail to open, and the next request needs one too: it will say so.
      console.warn(`collector: cannot look for what is too old: ${error}`)
    }
  }

  /** Whether anything had to go. */
  #makeRoom(length?: number): boolean {
    const before = this.#segments.lastNumber
    const dropped = this.#segments.makeRoom(length)
    if (this.#segments.lastNumber !== before) this.#sealer.wake()
    for (const segment of dropped) this.#index.forget(segment)
    this.#dropped += dropped.length
    return dropped.length > 0
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }

  /** Says once that writing fails, and once that it works again. */
  #append(requests: readonly TracesRequest[]): number {
    try {
      this.#makeRoom(lengthOf(requests))
      const first = this.#segments.append(requests)
      if (this.#isFailing) console.warn('collector: storing works again')
      this.#isFailing = false
      return first
    } catch (error) {
      if (!this.#isFailing) console.warn(`collector: cannot store, senders must retry: ${error}`)
      this.#isFailing = true
      throw error
    }
  }

  #indexRecovered(record: number, payload: Buffer): void {
    try {
      this.#scan.scan(payload)
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      // It passed its checksum, so this is no damage: another version of this program let it in.
      console.warn(`collector: ${this.positionOf(record)} holds no traces: ${error.message}`)
      return
    }
    this.#index.add(this.#segments.lastNumber, record, payload, this.#scan)
  }

  #reportDamage(): void {
    const { places, bytes, tornBytes } = this.#segments.damage
    if (places + tornBytes === 0) return
    console.warn(
      `collector: skipped ${bytes} damaged bytes in ${places} places of the stored segments, ` +
        `cut ${tornBytes} bytes of an unfinished write`,
    )
  }
}

/** Spans without valid ids could never be found again. */
function countInvalid(scan: TracesScan): number {
  let count = 0
  for (let i = 0; i < scan.spanCount; i++) {
    if (scan.traceIdOffset[i] === -1 || scan.spanIdOffset[i] === -1) count++
  }
  return count
}
