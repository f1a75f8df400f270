import { expect, it } from 'vitest'
import { TracesScan } from './scan.ts'
import { asProtobuf, realSpans } from './testing.ts'

const scanOf = (bytes: Uint8Array) => {
  const scan = new TracesScan()
  scan.scan(bytes)
  return scan
}

it('notes of real spans what the SDK put into them', () => {
  const spans = realSpans()
  const bytes = asProtobuf(spans)
  const scan = scanOf(bytes)

  const hex = (offset: number, length: number) =>
    offset < 0 ? undefined : Buffer.from(bytes).toString('hex', offset, offset + length)
  const text = (offset: number, length: number) =>
    offset < 0 ? undefined : Buffer.from(bytes).toString('utf8', offset, offset + length)
  const nanos = (high: number, low: number) => (BigInt(high) << 32n) | BigInt(low)
  const seen = Array.from({ length: scan.spanCount }, (_, i) => ({
    traceId: hex(scan.traceIdOffset[i]!, 16),
    spanId: hex(scan.spanIdOffset[i]!, 8),
    parentId: hex(scan.parentIdOffset[i]!, 8),
    name: text(scan.nameOffset[i]!, scan.nameLength[i]!),
    kind: scan.kind[i],
    statusCode: scan.statusCode[i],
    start: nanos(scan.startHigh[i]!, scan.startLow[i]!),
    end: nanos(scan.endHigh[i]!, scan.endLow[i]!),
    service: text(
      scan.serviceOffset[scan.resourceOf[i]!]!,
      scan.serviceLength[scan.resourceOf[i]!]!,
    ),
    scopeSchemaUrl: text(
      scan.scopeSchemaUrlOffset[scan.scopeOf[i]!]!,
      scan.scopeSchemaUrlLength[scan.scopeOf[i]!]!,
    ),
  }))
  const toNanos = ([seconds, nanos]: [number, number]) =>
    BigInt(seconds) * 1_000_000_000n + BigInt(nanos)
  expect(seen).toEqual(
    spans.map((span) => ({
      traceId: span.spanContext().traceId,
      spanId: span.spanContext().spanId,
      parentId: span.parentSpanContext?.spanId,
      name: span.name,
      kind: span.kind + 1,
      statusCode: span.status.code,
      start: toNanos(span.startTime),
      end: toNanos(span.endTime),
      service: span.resource.attributes['service.name'],
      scopeSchemaUrl: span.instrumentationScope.schemaUrl,
    })),
  )
})
