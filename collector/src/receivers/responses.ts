import type { TracesOutcome } from '../consumer.ts'

/** The encoding of a request, and so of its answer. */
export type Encoding = 'protobuf' | 'json'

/**
 * The ExportTraceServiceResponse for an outcome. Full success leaves `partial_success` unset: `{}`,
 * or an empty message (opentelemetry-proto, docs/specification.md, "Full Success").
 *
 *   message ExportTraceServiceResponse { ExportTracePartialSuccess partial_success = 1; }
 *   message ExportTracePartialSuccess { int64 rejected_spans = 1; string error_message = 2; }
 */
export function exportResponse(outcome: TracesOutcome, encoding: Encoding): Buffer {
  const { rejectedSpans, message } = outcome
  const isFullSuccess = rejectedSpans === 0 && message === ''
  if (encoding === 'json') {
    // An int64 is a string in protobuf's JSON.
    const partialSuccess = { rejectedSpans: String(rejectedSpans), errorMessage: message }
    return Buffer.from(JSON.stringify(isFullSuccess ? {} : { partialSuccess }))
  }
  if (isFullSuccess) return Buffer.alloc(0)
  return lengthDelimited(1, Buffer.concat([varintField(1, rejectedSpans), textField(2, message)]))
}

/**
 * The google.rpc.Status that every 4xx and 5xx carries.
 *
 *   message Status { int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3; }
 */
export function statusBody(code: number, message: string, encoding: Encoding): Buffer {
  if (encoding === 'json') return Buffer.from(JSON.stringify({ code, message }))
  return Buffer.concat([varintField(1, code), textField(2, message)])
}

function varintField(field: number, value: number): Buffer {
  return value === 0 ? Buffer.alloc(0) : Buffer.from([field << 3, ...varint(value)])
}

function textField(field: number, text: string): Buffer {
  return text === '' ? Buffer.alloc(0) : lengthDelimited(field, Buffer.from(text))
}

function lengthDelimited(field: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...varint(content.length)]), content])
}

/** @param value not negative, below 2^53 */
function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  bytes.push(rest)
  return bytes
}
