import { MalformedError } from '../consumer.ts'
import { LEN, VARINT } from '../otlp/message-type.ts'
import { ProtobufReader } from '../otlp/protobuf-reader.ts'
import { asked, type SendResult } from './target.ts'

/**
 * Reads a success:
 *
 *   message ExportTraceServiceResponse { ExportTracePartialSuccess partial_success = 1; }
 *   message ExportTracePartialSuccess { int64 rejected_spans = 1; string error_message = 2; }
 *
 * What is rejected must not be sent again (opentelemetry-proto, docs/specification.md, "Partial
 * Success"); a message without a rejection is a warning.
 */
export function readSuccess(response: Uint8Array): SendResult {
  const [partial] = messages(response, 1)
  if (partial === undefined) return { kind: 'taken', rejectedSpans: 0, warning: '' }
  return { kind: 'taken', rejectedSpans: integer(partial, 1), warning: text(partial, 2) }
}

/** The message of a google.rpc.Status; empty when the body is something else. */
export function readStatusMessage(status: Uint8Array): string {
  return text(status, 2)
}

/**
 * How long a google.rpc.RetryInfo among the details of a google.rpc.Status asks to wait.
 *
 *   Status { repeated Any details = 3; }, Any { string type_url = 1; bytes value = 2; }
 *   RetryInfo { Duration retry_delay = 1; }, Duration { int64 seconds = 1; int32 nanos = 2; }
 *
 * @returns milliseconds; undefined when there is none
 */
export function readRetryInfo(status: Uint8Array): number | undefined {
  for (const detail of messages(status, 3)) {
    if (!text(detail, 1).endsWith('/google.rpc.RetryInfo')) continue
    const [info = none] = messages(detail, 2)
    const [delay = none] = messages(info, 1)
    return asked(integer(delay, 1) * 1_000 + integer(delay, 2) / 1e6)
  }
  return undefined
}

const none = new Uint8Array()

function messages(message: Uint8Array, field: number): Uint8Array[] {
  return [...fields(message)].flatMap(([number, value]) =>
    number === field && typeof value !== 'number' ? [value] : [],
  )
}

/** The last one counts, as everywhere in protobuf. */
function text(message: Uint8Array, field: number): string {
  const bytes = messages(message, field).at(-1)
  return bytes === undefined ? '' : Buffer.from(bytes).toString()
}

function integer(message: Uint8Array, field: number): number {
  let found = 0
  for (const [number, value] of fields(message)) {
    if (number === field && typeof value === 'number') found = value
  }
  return found
}

/** The integers and the length-delimited fields, up to what is malformed: an answer is a stranger's. */
function* fields(message: Uint8Array): Generator<[number: number, value: number | Uint8Array]> {
  const reader = new ProtobufReader()
  reader.bytes = message
  const end = message.length
  try {
    while (reader.pos < end) {
      const tag = reader.tag(end)
      const number = tag >>> 3
      const wireType = tag & 7
      if (wireType === VARINT) {
        const low = reader.varint(end)
        yield [number, reader.high * 2 ** 32 + low]
      } else if (wireType === LEN) {
        const valueEnd = reader.valueEnd(end)
        yield [number, message.subarray(reader.pos, valueEnd)]
        reader.pos = valueEnd
      } else reader.skipValue(wireType, end)
    }
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
  }
}
