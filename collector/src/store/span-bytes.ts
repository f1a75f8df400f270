import { ProtobufWriter } from '../otlp/protobuf-writer.ts'
import type { TracesScan } from '../otlp/scan.ts'
import type { LastRecord, StoredSpan } from './span-reader.ts'
import { indexOfSpan } from './span-reader.ts'

// Tags of opentelemetry-proto's trace.proto: a field's number * 8 + 2, for a value with a length.
const resourceSpansTag = 10
const scopeSpansTag = 18
const schemaUrlTag = 26
/** Of a Resource in ResourceSpans, and a scope in ScopeSpans. */
const ofAllTag = 10
const spanTag = 18

/**
 * Spans as OTLP's protobuf (TracesData), with the bytes as they are stored: nothing of them is decoded.
 * Neighbours of one request and scope stand together. A record that cannot be read any more costs its
 * spans, never the answer.
 * @param spans in the order of their records
 */
export function readSpanBytes(spans: readonly StoredSpan[], lastRecord: LastRecord): Uint8Array {
  const length = spans.reduce((sum, span) => sum + span.length + 8, 0)
  const writer = new ProtobufWriter(length + 1_024)
  const { scan } = lastRecord
  let open: { record: number; scope: number; close(): void } | undefined
  for (const { record, offset } of spans) {
    const payload = lastRecord.load(record)
    if (payload === undefined) continue
    const i = indexOfSpan(scan, offset)
    const scope = scan.scopeOf[i]!
    if (open?.record !== record || open.scope !== scope) {
      open?.close()
      open = { record, scope, close: openScope(writer, payload, scan, i) }
    }
    writer.varint(spanTag)
    writer.bytes(payload, scan.spanOffset[i]!, scan.spanOffset[i]! + scan.spanLength[i]!)
  }
  open?.close()
  return writer.finish()
}

/** Begins ResourceSpans and ScopeSpans for a span; the answer ends both. */
function openScope(
  writer: ProtobufWriter,
  payload: Uint8Array,
  scan: TracesScan,
  i: number,
): () => void {
  const part = (tag: number, offset: number, length: number) => {
    // What is absent, and says nothing.
    if (length === 0) return
    writer.varint(tag)
    writer.bytes(payload, offset, offset + length)
  }
  const [resource, scope] = [scan.resourceOf[i]!, scan.scopeOf[i]!]
  const resourceSpans = writer.open(resourceSpansTag)
  part(ofAllTag, scan.resourceOffset[resource]!, scan.resourceLength[resource]!)
  part(
    schemaUrlTag,
    scan.resourceSchemaUrlOffset[resource]!,
    scan.resourceSchemaUrlLength[resource]!,
  )
  const scopeSpans = writer.open(scopeSpansTag)
  part(ofAllTag, scan.scopeOffset[scope]!, scan.scopeLength[scope]!)
  part(schemaUrlTag, scan.scopeSchemaUrlOffset[scope]!, scan.scopeSchemaUrlLength[scope]!)
  return () => {
    writer.close(scopeSpans)
    writer.close(resourceSpans)
  }
}
