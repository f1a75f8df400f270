import type {
  InstrumentationScope,
  KeyValue,
  OtlpSpan,
  Resource,
  TracesData,
} from '@pingtrace/otlp'
import { malformed } from './malformed.ts'
import type { Field, MessageType, Scalar } from './message-type.ts'
import { ProtobufReader } from './protobuf-reader.ts'
import * as schema from './schema.ts'

/**
 * Protobuf to the OTLP JSON objects, for readers. What `TracesScan` let through always decodes, as
 * a whole and in its parts; anything else throws MalformedError. Text that is not UTF-8 gets U+FFFD
 * in its bad places, and an id that is not 16 or 8 bytes long, or zero, reads as absent.
 */
export function decodeTraces(bytes: Uint8Array): TracesData {
  return decode(bytes, schema.exportTraceServiceRequest) as TracesData
}

/** Of a Span message's body; ids, name and times are always there, if only as `''` and `'0'`. */
export function decodeSpan(bytes: Uint8Array): OtlpSpan {
  return decode(bytes, schema.span) as OtlpSpan
}

/** Of a Resource message's body. */
export function decodeResource(bytes: Uint8Array): Resource {
  return decode(bytes, schema.resource) as Resource
}

/** Of an InstrumentationScope message's body. */
export function decodeScope(bytes: Uint8Array): InstrumentationScope {
  return decode(bytes, schema.instrumentationScope) as InstrumentationScope
}

/** Of a KeyValue message's body. */
export function decodeKeyValue(bytes: Uint8Array): KeyValue {
  return decode(bytes, schema.keyValue) as KeyValue
}

/** A message under its JSON names, all of which come from the wire table and none from a sender. */
type Message = Record<string, unknown>

class Decoder extends ProtobufReader {
  readonly #buffer: Buffer

  constructor(bytes: Uint8Array) {
    super()
    this.bytes = bytes
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  message(type: MessageType, end: number, depth: number): Message {
    if (depth > schema.MAX_DEPTH) {
      throw malformed(`over ${schema.MAX_DEPTH} levels of messages`, this.pos)
    }
    let message: Message = {}
    for (const { name, scalar } of type.alwaysPresent) message[name] = defaults[scalar!]
    while (this.pos < end) {
      const tag = this.tag(end)
      const field = type.byNumber[tag >>> 3]
      if (field?.tag !== tag) {
        this.skipUnknown(tag, type, end)
        continue
      }
      const value =
        field.message === undefined
          ? this.#scalar(field.scalar!, end)
          : this.message(field.message, this.valueEnd(end), depth + 1)
      if (type.oneof) message = { [field.name]: value }
      else put(message, field, value)
    }
    return message
  }

  #scalar(scalar: Scalar, end: number): unknown {
    switch (scalar) {
      case 'string':
        return this.#slice('utf8', end)
      case 'bytes':
        return this.#slice('base64', end)
      case 'traceId':
        return this.#id(16, end)
      case 'spanId':
        return this.#id(8, end)
      case 'bool':
        return this.varint(end) !== 0 || this.high !== 0
      case 'enum':
        return this.varint(end) | 0
      case 'uint32':
        return this.varint(end)
      case 'int64':
        return BigInt.asIntN(64, this.#uint64(this.varint(end))).toString()
      case 'fixed32':
        return this.fixed32(end)
      case 'fixed64':
        return this.#uint64(this.fixed64(end)).toString()
      case 'double':
        return this.#double(end)
    }
  }

  #slice(encoding: 'utf8' | 'base64' | 'hex', end: number): string {
    const valueEnd = this.valueEnd(end)
    const text = this.#buffer.toString(encoding, this.pos, valueEnd)
    this.pos = valueEnd
    return text
  }

  #id(length: number, end: number): string {
    const id = this.#slice('hex', end)
    return id.length === length * 2 && /[^0]/.test(id) ? id : ''
  }

  #uint64(low: number): bigint {
    return (BigInt(this.high) << 32n) | BigInt(low)
  }

  /** JSON has no number for the last three doubles, so ProtoJSON writes their names. */
  #double(end: number): number | string {
    const value = this.#buffer.readDoubleLE(this.advance(8, end))
    return Number.isFinite(value) ? value : String(value)
  }
}

/** What proto3 leaves out, and so does its JSON. */
const defaults: Record<Scalar, unknown> = {
  string: '',
  bytes: '',
  traceId: '',
  spanId: '',
  bool: false,
  enum: 0,
  int64: '0',
  uint32: 0,
  fixed32: 0,
  fixed64: '0',
  double: 0,
}

function put(message: Message, field: Field, value: unknown): void {
  if (field.repeated) {
    const list = message[field.name]
    if (Array.isArray(list)) list.push(value)
    else message[field.name] = [value]
  } else if (field.scalar !== undefined && !field.always && value === defaults[field.scalar]) {
    // Perhaps a second value, which counts instead of the first.
    delete message[field.name]
  } else message[field.name] = value
}

function decode(bytes: Uint8Array, type: MessageType): Message {
  return new Decoder(bytes).message(type, bytes.length, 0)
}
