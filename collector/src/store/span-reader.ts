import type { ResourceSpans, ScopeSpans, TracesData } from '@pingtrace/otlp'
import { decodeResource, decodeScope, decodeSpan } from '../otlp/decode.ts'
import { TracesScan } from '../otlp/scan.ts'

/** A span to be read: the record it is in, and where its message is in the payload. */
export interface StoredSpan {
  record: number
  offset: number
  length: number
}

/**
 * The record that was looked at last, with its scan: spans that are asked for in a row mostly share
 * one, those of the latest traces for example.
 */
export class LastRecord {
  readonly scan = new TracesScan()
  readonly #readPayload: (record: number) => Uint8Array | undefined
  #record = -1
  #payload: Uint8Array | undefined

  /** @param readPayload of a record; undefined when it cannot be read any more */
  constructor(readPayload: (record: number) => Uint8Array | undefined) {
    this.#readPayload = readPayload
  }

  /** The bytes of a record, which is scanned then. */
  load(record: number): Uint8Array | undefined {
    if (record === this.#record) return this.#payload
    this.forget()
    const payload = this.#readPayload(record)
    if (payload !== undefined) this.scan.scan(payload)
    this.#record = record
    this.#payload = payload
    return payload
  }

  /** Between two answers: it may be 20 MiB, and retention may drop it. */
  forget(): void {
    this.#record = -1
    this.#payload = undefined
  }
}

/**
 * Reads spans back from their records, grouped by resource and scope. Each record is read once, and
 * of its spans only those that were asked for are decoded. A record that cannot be read any more
 * costs its spans, never the answer.
 * @param spans in the order of their records
 */
export function readStoredSpans(spans: readonly StoredSpan[], lastRecord: LastRecord): TracesData {
  const groups = new SpanGroups()
  const { scan } = lastRecord
  for (const { record, offset } of spans) {
    const payload = lastRecord.load(record)
    if (payload !== undefined) groups.add(payload, scan, indexOfSpan(scan, offset))
  }
  return { resourceSpans: groups.resourceSpans }
}

/** Binary search for the span whose message starts at `offset`: a scan notes them in that order. */
export function indexOfSpan(scan: TracesScan, offset: number): number {
  let low = 0
  let high = scan.spanCount - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (scan.spanOffset[middle]! < offset) low = middle + 1
    else high = middle
  }
  return low
}

/** Resources and scopes are the same when their bytes are, whichever requests they came with. */
class SpanGroups {
  readonly resourceSpans: ResourceSpans[] = []
  readonly #resources = new Map<string, { scopeSpans: ScopeSpans[]; key: number }>()
  readonly #scopes = new Map<string, ScopeSpans>()

  add(payload: Uint8Array, scan: TracesScan, i: number): void {
    const { spans } = this.#scopeSpans(payload, scan, i)
    spans?.push(decodeSpan(sliceOf(payload, scan.spanOffset[i]!, scan.spanLength[i]!)))
  }

  #scopeSpans(payload: Uint8Array, scan: TracesScan, i: number): ScopeSpans {
    const resource = this.#resource(payload, scan, scan.resourceOf[i]!)
    const s = scan.scopeOf[i]!
    const scope = sliceOf(payload, scan.scopeOffset[s]!, scan.scopeLength[s]!)
    const url = sliceOf(payload, scan.scopeSchemaUrlOffset[s]!, scan.scopeSchemaUrlLength[s]!)
    const key = keyOf(String(resource.key), scope, url)
    let group = this.#scopes.get(key)
    if (group === undefined) {
      group = { scope: decodeScope(scope), spans: [], ...schemaUrl(url) }
      this.#scopes.set(key, group)
      resource.scopeSpans.push(group)
    }
    return group
  }

  #resource(payload: Uint8Array, scan: TracesScan, r: number) {
    const resource = sliceOf(payload, scan.resourceOffset[r]!, scan.resourceLength[r]!)
    const url = sliceOf(payload, scan.resourceSchemaUrlOffset[r]!, scan.resourceSchemaUrlLength[r]!)
    const key = keyOf('', resource, url)
    let group = this.#resources.get(key)
    if (group === undefined) {
      group = { scopeSpans: [], key: this.#resources.size }
      this.#resources.set(key, group)
      this.resourceSpans.push({
        resource: decodeResource(resource),
        scopeSpans: group.scopeSpans,
        ...schemaUrl(url),
      })
    }
    return group
  }
}

/** An absent message has offset -1 and length 0, and means the same as an empty one. */
export function sliceOf(payload: Uint8Array, offset: number, length: number): Buffer {
  return Buffer.from(payload.buffer, payload.byteOffset + Math.max(offset, 0), length)
}

/** Lengths go in as well, so that no two different groups run together to the same key. */
function keyOf(prefix: string, message: Buffer, url: Buffer): string {
  return `${prefix}:${message.length}:${message.toString('latin1')}${url.toString('latin1')}`
}

function schemaUrl(url: Buffer): { schemaUrl?: string } {
  return url.length === 0 ? {} : { schemaUrl: url.toString() }
}
