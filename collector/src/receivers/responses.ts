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
  if (rejectedSpans === 0 && message === '') return fullSuccess(encoding)
  if (encoding === 'json') {
    // An int64 is a string in protobuf's JSON.
    const partialSuccess = { rejectedSpans: String(rejectedSpans), errorMessage: message }
    return Buffer.from(JSON.stringify({ partialSuccess }))
  }
  return lengthDelimited(1, Buffer.concat([varintField(1, rejectedSpans), textField(2, message)]))
}

/** The response of every signal that has nothing to say. */
export function fullSuccess(encoding: Encoding): Buffer {
  return Buffer.from(encoding === 'json' ? '{}' : '')
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

/**
 * The same Status with a google.rpc.RetryInfo among its details: for the gRPC trailer
 * `grpc-status-details-bin`, where senders look for how long to wait (opentelemetry-proto,
 * docs/specification.md, "OTLP/gRPC Throttling").
 *
 *   message Any { string type_url = 1; bytes value = 2; }
 *   message RetryInfo { google.protobuf.Duration retry_delay = 1; }
 *   message Duration { int64 seconds = 1; int32 nanos = 2; }
 */
export function retryStatus(code: number, message: string, seconds: number): Buffer {
  const retryInfo = lengthDelimited(1, varintField(1, seconds))
  const any = [
    textField(1, 'type.googleapis.com/google.rpc.RetryInfo'),
    lengthDelimited(2, retryInfo),
  ]
  return Buffer.concat([
    statusBody(code, message, 'protobuf'),
    lengthDelimited(3, Buffer.concat(any)),
  ])
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
