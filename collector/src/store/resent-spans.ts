import { createHash } from 'node:crypto'
import { TracesScan } from '../otlp/scan.ts'
import type { ResentCheck, SegmentIndex } from './segment-index.ts'
import { indexOfSpan } from './span-reader.ts'

/**
 * Senders may resend what they got no answer for (opentelemetry-proto, specification.md): the same
 * ids with the same bytes are one span, the same ids with other bytes are two.
 *
 * Only spans whose ids match are compared, and by bytes: with the first that came with those ids,
 * then with the digests of the further versions. The last record that was looked at is kept with its
 * scan, because a resent batch matches one record from end to end.
 */
export class ResentSpans implements ResentCheck {
  readonly #readPayload: (record: number) => Uint8Array | undefined
  readonly #scan = new TracesScan()
  #record = -1
  #payload: Uint8Array | undefined

  /** @param readPayload of a record; undefined when it cannot be read any more */
  constructor(readPayload: (record: number) => Uint8Array | undefined) {
    this.#readPayload = readPayload
  }

  isVersionOf(
    index: SegmentIndex,
    span: number,
    payload: Uint8Array,
    scan: TracesScan,
    i: number,
  ): boolean {
    const stored = this.#load(index.spans.record.get(span))
    if (stored !== undefined) {
      const j = indexOfSpan(this.#scan, index.spans.offset.get(span))
      const others = rangesOf(this.#scan, j)
      const same = rangesOf(scan, i).every((range, part) =>
        isEqual(payload, range, stored, others[part]!),
      )
      if (same) return true
    }
    return index.versions.get(span)?.has(this.digest(payload, scan, i)) ?? false
  }

  /** Lengths go in as well, so that no two different spans run together to the same bytes. */
  digest(payload: Uint8Array, scan: TracesScan, i: number): string {
    const hash = createHash('sha256')
    for (const [offset, length] of rangesOf(scan, i)) {
      hash.update(`${length}:`)
      if (length > 0) hash.update(payload.subarray(offset, offset + length))
    }
    return hash.digest('base64')
  }

  #load(record: number): Uint8Array | undefined {
    if (record === this.#record) return this.#payload
    this.#record = record
    this.#payload = this.#readPayload(record)
    if (this.#payload !== undefined) this.#scan.scan(this.#payload)
    return this.#payload
  }
}

type Range = readonly [offset: number, length: number]

/** All the bytes that make up span `i`: itself, its resource and its scope with their schema URLs. */
function rangesOf(scan: TracesScan, i: number): Range[] {
  const resource = scan.resourceOf[i]!
  const scope = scan.scopeOf[i]!
  return [
    [scan.spanOffset[i]!, scan.spanLength[i]!],
    [scan.resourceOffset[resource]!, scan.resourceLength[resource]!],
    [scan.resourceSchemaUrlOffset[resource]!, scan.resourceSchemaUrlLength[resource]!],
    [scan.scopeOffset[scope]!, scan.scopeLength[scope]!],
    [scan.scopeSchemaUrlOffset[scope]!, scan.scopeSchemaUrlLength[scope]!],
  ]
}

function isEqual(
  a: Uint8Array,
  [aOffset, length]: Range,
  b: Uint8Array,
  [bOffset, bLength]: Range,
) {
  if (length !== bLength) return false
  for (let i = 0; i < length; i++) if (a[aOffset + i] !== b[bOffset + i]) return false
  return true
}
