import { createHash } from 'node:crypto'
import { canonical } from '../otlp/canonical.ts'
import { TracesScan } from '../otlp/scan.ts'
import { instrumentationScope, resource, span } from '../otlp/schema.ts'
import type { ResentCheck, SegmentIndex } from './segment-index.ts'
import { indexOfSpan, sliceOf } from './span-reader.ts'

/**
 * Senders may resend what they got no answer for (opentelemetry-proto, specification.md): the same
 * ids with the same content are one span, the same ids with other content are two. A span may come
 * again by another way, as JSON or through another encoder: what counts is its canonical form.
 *
 * Only spans whose ids match are compared: with the first that came with those ids, by bytes, which
 * settles nearly all, then by the digests of the canonical forms of all versions. The last record
 * that was looked at is kept with its scan, because a resent batch matches one record from end to end.
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
    first: number,
    payload: Uint8Array,
    scan: TracesScan,
    i: number,
  ): boolean {
    const stored = this.#load(index.spans.record.get(first))
    const j = stored === undefined ? -1 : indexOfSpan(this.#scan, index.spans.offset.get(first))
    if (stored !== undefined && hasSameBytes(payload, scan, i, stored, this.#scan, j)) return true
    const digest = this.digest(payload, scan, i)
    if (index.versions(first)?.has(digest)) return true
    return stored !== undefined && digest === this.digest(stored, this.#scan, j)
  }

  /** Lengths go in as well, so that no two different spans run together to the same bytes. */
  digest(payload: Uint8Array, scan: TracesScan, i: number): string {
    const hash = createHash('sha256')
    for (const [part, [offset, length]] of rangesOf(scan, i).entries()) {
      const bytes = sliceOf(payload, offset, length)
      const type = partTypes[part]
      const content = type === undefined ? bytes : canonical(bytes, type)
      hash.update(`${content.length}:`).update(content)
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

/** The message types of those ranges; schema URLs are text. */
const partTypes = [span, resource, undefined, instrumentationScope, undefined]

function hasSameBytes(
  a: Uint8Array,
  aScan: TracesScan,
  i: number,
  b: Uint8Array,
  bScan: TracesScan,
  j: number,
): boolean {
  const others = rangesOf(bScan, j)
  return rangesOf(aScan, i).every((range, part) => isEqual(a, range, b, others[part]!))
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
