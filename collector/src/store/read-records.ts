import { type AttributeValue, readSpans, type Span } from '@pingtrace/otlp'
import { decodeResource, decodeScope, decodeSpan } from '../otlp/decode.ts'
import { attributesTag, readAttribute } from '../otlp/read-attribute.ts'
import { TracesScan } from '../otlp/scan.ts'
import type { NeedlePlaces, Needles } from './needles.ts'
import { indexOfSpan, sliceOf } from './span-reader.ts'

/** A trace's spans are mostly in records that are near each other: as many bytes are kept. */
const keptBytes = 16 * 1024 * 1024
const keptRecords = 64

/** Reads records for a search, each once as long as the next ones that are asked for are near. */
export class ReadRecords {
  readonly #readPayload: (record: number) => Uint8Array | undefined
  /** In the order in which they were last used. */
  readonly #kept = new Map<number, ReadRecord | undefined>()
  #keptBytes = 0
  /** Spans of a trace that were sent together come in a row. */
  #last: { number: number; record: ReadRecord | undefined } = { number: -1, record: undefined }
  /** Bytes that were read so far. */
  bytes = 0

  /** @param readPayload of a record; undefined when it cannot be read any more */
  constructor(readPayload: (record: number) => Uint8Array | undefined) {
    this.#readPayload = readPayload
  }

  /** Undefined when it cannot be read any more. */
  get(number: number): ReadRecord | undefined {
    if (number === this.#last.number) return this.#last.record
    const record = this.#lookUp(number)
    this.#last = { number, record }
    return record
  }

  #lookUp(number: number): ReadRecord | undefined {
    const isKept = this.#kept.has(number)
    const record = isKept ? this.#kept.get(number) : this.#read(number)
    this.#kept.delete(number)
    this.#kept.set(number, record)
    return record
  }

  #read(number: number): ReadRecord | undefined {
    const bytes = this.#readPayload(number)
    this.bytes += bytes?.length ?? 0
    this.#keptBytes += bytes?.length ?? 0
    for (const [oldest, record] of this.#kept) {
      if (this.#keptBytes <= keptBytes && this.#kept.size < keptRecords) break
      this.#kept.delete(oldest)
      this.#keptBytes -= record?.length ?? 0
    }
    return bytes === undefined ? undefined : new ReadRecord(sliceOf(bytes, 0, bytes.length))
  }
}

/** A record's bytes, of which only what is asked for is looked at. */
export class ReadRecord {
  readonly #payload: Buffer
  readonly #places = new Map<Needles, NeedlePlaces | undefined>()
  #scanned: TracesScan | undefined

  constructor(payload: Buffer) {
    this.#payload = payload
  }

  get length(): number {
    return this.#payload.length
  }

  /** Whether the span at this offset can have all texts: false is sure. */
  mayContain(needles: Needles, offset: number): boolean {
    if (!this.#places.has(needles)) this.#places.set(needles, needles.findIn(this.#payload))
    const places = this.#places.get(needles)
    return places?.areIn(this.#rangesOf(offset)) ?? false
  }

  /** An attribute of the span whose message starts at `offset`, or of its resource; null without. */
  attribute(offset: number, scope: 'span' | 'resource', key: Buffer): AttributeValue {
    const [spanStart, spanEnd, , , resourceStart, resourceEnd] = this.#rangesOf(offset)
    const [start, end] = scope === 'span' ? [spanStart!, spanEnd!] : [resourceStart!, resourceEnd!]
    return readAttribute(this.#payload, start, end, attributesTag[scope], key)
  }

  /** The span whose message starts at `offset`. */
  span(offset: number): Span {
    const [span, scope, resource] = this.#rangesOf(offset)
      .map((start, i, ranges) => this.#payload.subarray(start, ranges[i + 1]))
      .filter((_, i) => i % 2 === 0)
    const scopeSpans = [{ scope: decodeScope(scope!), spans: [decodeSpan(span!)] }]
    return readSpans({ resourceSpans: [{ resource: decodeResource(resource!), scopeSpans }] })[0]!
  }

  /** Start and end of the span, of its scope and of its resource; the latter two may be empty. */
  #rangesOf(offset: number): number[] {
    const scan = this.#scan()
    const i = indexOfSpan(scan, offset)
    const scope = scan.scopeOf[i]!
    const resource = scan.resourceOf[i]!
    // What is absent is at -1.
    const scopeStart = Math.max(scan.scopeOffset[scope]!, 0)
    const resourceStart = Math.max(scan.resourceOffset[resource]!, 0)
    return [
      offset,
      offset + scan.spanLength[i]!,
      scopeStart,
      scopeStart + scan.scopeLength[scope]!,
      resourceStart,
      resourceStart + scan.resourceLength[resource]!,
    ]
  }

  #scan(): TracesScan {
    if (this.#scanned === undefined) {
      this.#scanned = new TracesScan()
      this.#scanned.scan(this.#payload)
    }
    return this.#scanned
  }
}
