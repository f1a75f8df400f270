import { createHash } from 'node:crypto'
import { TracesScan } from '../otlp/scan.ts'
import { indexOfSpan } from './span-reader.ts'
import type { ResentCheck } from './trace-index.ts'

/** What the check needs of the store. */
export interface StoredSpans {
  recordOf(span: number): number
  offsetOf(span: number): number
  /** The payload of a record, undefined when it cannot be read any more. */
  readPayload(record: number): Uint8Array | undefined
}

/**
 * Senders may resend what they got no answer for (opentelemetry-proto, specification.md): the same
 * ids with the same bytes are one span, the same ids with other bytes are two.
 *
 * Only spans whose ids match are compared, and by bytes: with the first that came with those ids,
 * then with the digests of the further versions. The last record that was looked at is kept with its
 * scan, because a resent batch matches one record from end to end.
 */
export class ResentSpans implements ResentCheck {
  readonly #stored: StoredSpans
  readonly #scan = new TracesScan()
  #record = -1
  #payload: Uint8Array | undefined
  /** Of the first span of an id, the digests of what else came with that id. */
  readonly #versions = new Map<number, Set<string>>()

  constructor(stored: StoredSpans) {
    this.#stored = stored
  }

  isResent(span: number, payload: Uint8Array, scan: TracesScan, i: number): boolean {
    const stored = this.#load(this.#stored.recordOf(span))
    if (stored !== undefined) {
      const j = indexOfSpan(this.#scan, this.#stored.offsetOf(span))
      const others = rangesOf(this.#scan, j)
      const same = rangesOf(scan, i).every((range, part) =>
        isEqual(payload, range, stored, others[part]!),
      )
      if (same) return true
    }
    return !this.#isNewVersion(span, digest(payload, scan, i))
  }

  #isNewVersion(span: number, version: string): boolean {
    const versions = this.#versions.get(span)
    if (versions === undefined) this.#versions.set(span, new Set([version]))
    else if (versions.has(version)) return false
    else versions.add(version)
    return true
  }

  #load(record: number): Uint8Array | undefined {
    if (record === this.#record) return this.#payload
    this.#record = record
    this.#payload = this.#stored.readPayload(record)
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

/** Lengths go in as well, so that no two different spans run together to the same bytes. */
function digest(payload: Uint8Array, scan: TracesScan, i: number): string {
  const hash = createHash('sha256')
  for (const [offset, length] of rangesOf(scan, i)) {
    hash.update(`${length}:`)
    if (length > 0) hash.update(payload.subarray(offset, offset + length))
  }
  return hash.digest('base64')
}
