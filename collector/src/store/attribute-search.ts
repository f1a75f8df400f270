import { decodeResource, decodeScope, decodeSpan } from '../otlp/decode.ts'
import { TracesScan } from '../otlp/scan.ts'
import { attributesToRead, matchesAttribute, probesFor, textToFind } from './attribute-match.ts'
import { AttributeProber } from './attribute-prober.ts'
import type { SpanRange } from './block-keys.ts'
import type { SegmentIndex } from './segment-index.ts'
import { indexOfSpan, sliceOf } from './span-reader.ts'
import { SearchTooLargeError } from './trace-query.ts'

/**
 * Reads spans and looks at their attributes, as cheaply as it can. Blocks of a segment that cannot
 * have them are not read; a key is text in the bytes, and a record without it is not scanned; a span
 * is decoded when the hashes of its attributes are those that are wanted. The last record is kept,
 * because spans that are asked about in a row mostly share one.
 */
export class AttributeSearch {
  readonly #wanted: [string, string][]
  readonly #texts: Buffer[]
  readonly #prober: AttributeProber
  readonly #readPayload: (record: number) => Uint8Array | undefined
  readonly #scan = new TracesScan()
  #bytesLeft: number
  #record = -1
  /** Undefined when nothing in the record can fit. */
  #payload: Buffer | undefined

  /**
   * @param readPayload of a record; undefined when it cannot be read any more
   * @param readBytes the most that may be read
   */
  constructor(
    attributes: ReadonlyMap<string, string>,
    readPayload: (record: number) => Uint8Array | undefined,
    readBytes: number,
  ) {
    this.#wanted = attributesToRead(attributes)
    this.#texts = this.#wanted.map((each) => Buffer.from(textToFind(each)))
    this.#prober = new AttributeProber(probesFor(this.#wanted))
    this.#readPayload = readPayload
    this.#bytesLeft = readBytes
  }

  /** Where in a segment spans may be that have the attributes; the last in front. */
  ranges(index: SegmentIndex): readonly SpanRange[] {
    return index.ranges(this.#prober.probes)
  }

  /** @throws SearchTooLargeError when more would have to be read than is allowed */
  matches(index: SegmentIndex, span: number): boolean {
    if (this.#wanted.length === 0) return true
    this.#load(index.spans.record.get(span))
    const payload = this.#payload
    if (payload === undefined) return false
    const scan = this.#scan
    const i = indexOfSpan(scan, index.spans.offset.get(span))
    if (!this.#prober.mayHave(payload, scan, i)) return false
    const r = scan.resourceOf[i]!
    const s = scan.scopeOf[i]!
    const spanBytes = sliceOf(payload, scan.spanOffset[i]!, scan.spanLength[i]!)
    const scopeBytes = sliceOf(payload, scan.scopeOffset[s]!, scan.scopeLength[s]!)
    const resourceBytes = sliceOf(payload, scan.resourceOffset[r]!, scan.resourceLength[r]!)
    const decoded = decodeSpan(spanBytes)
    const scope = decodeScope(scopeBytes)
    const resource = decodeResource(resourceBytes)
    return this.#wanted.every((each) => matchesAttribute(each, decoded, scope, resource))
  }

  #load(record: number): void {
    if (record === this.#record) return
    this.#record = record
    this.#payload = undefined
    const bytes = this.#readPayload(record)
    if (bytes === undefined) return
    this.#bytesLeft -= bytes.length
    if (this.#bytesLeft < 0) throw new SearchTooLargeError('too much would have to be read')
    const payload = sliceOf(bytes, 0, bytes.length)
    if (!this.#texts.every((text) => payload.includes(text))) return
    this.#scan.scan(payload)
    this.#prober.reset()
    this.#payload = payload
  }
}
