import { isUtf8 } from 'node:buffer'
import { MalformedError } from '../consumer.ts'
import { writeBase64 } from './base64.ts'
import { Integer64, type IntegerScalar, latin1, parseDouble } from './json-numbers.ts'
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  JsonReader,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
} from './json-reader.ts'
import { malformed } from './malformed.ts'
import type { Field, MessageType, Scalar } from './message-type.ts'
import { transcodePlainAttribute } from './plain-attribute.ts'
import { ProtobufWriter } from './protobuf-writer.ts'
import { RepeatedAttributes } from './repeated-attributes.ts'
import { exportTraceServiceRequest, keyValue, MAX_DEPTH } from './schema.ts'

/**
 * An OTLP/JSON request as the protobuf bytes that say the same, in one pass and without objects:
 * JSON.parse would lose the last digits of 64-bit numbers, and what it makes would be encoded in a
 * second pass.
 *
 * The rules are opentelemetry-proto's docs/specification.md, "JSON Protobuf Encoding", on top of
 * protobuf.dev/programming-guides/json: ids are hex of either case, enums are integers, names are
 * lowerCamelCase only, unknown names are ignored, 64-bit integers are strings or numbers, `null` is
 * absent (an empty message within an array, so that the others keep their places). Half a surrogate
 * pair becomes U+FFFD.
 *
 * Fields are written in the order of their numbers and defaults are left out, as official encoders
 * do: what a span says decides its bytes, not the order of the JSON's names.
 * @throws MalformedError naming field and byte, for all that is not JSON in UTF-8 of this shape
 */
export function transcodeTraces(json: Uint8Array): Uint8Array {
  if (!isUtf8(json)) throw new MalformedError('text that is not UTF-8')
  return new Transcoder(json).run()
}

const repeated = new RepeatedAttributes()

class Transcoder {
  readonly #reader: JsonReader
  readonly #words: DataView
  readonly #writer: ProtobufWriter
  readonly #integer = new Integer64()
  /**
   * Whether the next scalar is written even if it is its type's default. Booleans, doubles and bytes
   * never ask: only AnyValue has them, a oneof, where each value is written.
   */
  #keepsDefault = false

  constructor(json: Uint8Array) {
    this.#reader = new JsonReader(json)
    this.#words = new DataView(json.buffer, json.byteOffset, json.byteLength)
    // Names and quotes go: SDKs' JSON is two to three times as long as its protobuf.
    this.#writer = new ProtobufWriter(json.length >> 1)
  }

  run(): Uint8Array {
    this.#message(exportTraceServiceRequest, 0)
    this.#reader.expectEnd()
    return this.#writer.finish()
  }

  #message(type: MessageType, depth: number): void {
    const reader = this.#reader
    const writer = this.#writer
    if (depth > MAX_DEPTH) throw malformed(`over ${MAX_DEPTH} levels of messages`, reader.pos)
    reader.expect(OPEN_BRACE)
    if (reader.takes(CLOSE_BRACE)) return
    const start = writer.length
    let last = 0
    let isSorted = true
    // One bit for each field number that was written; the wire table ends at 16.
    let written = 0
    let before: Field | undefined
    do {
      const field = this.#name(type, before)
      before = field
      if (field === undefined) reader.skipValue(MAX_DEPTH - depth)
      else if (!reader.takesWord('null')) {
        const fieldStart = writer.length
        const number = field.tag >>> 3
        // After another value of the same field a default says something: it counts instead.
        this.#keepsDefault = type.oneof || (written & (1 << number)) !== 0
        this.#field(type, field, depth)
        if (writer.length > fieldStart) {
          if (number < last) isSorted = false
          last = number
          written |= 1 << number
        }
      }
    } while (reader.takes(COMMA))
    reader.expect(CLOSE_BRACE)
    // Of a oneof the last one counts, so their order says something.
    if (!isSorted && !type.oneof) writer.sortFields(start)
  }

  /** The field that is named next, with the colon; undefined for one that is not known. */
  #name(type: MessageType, before: Field | undefined): Field | undefined {
    const reader = this.#reader
    const expected = before?.follower
    if (expected !== undefined && reader.takesName(expected.nameBytes)) return expected
    reader.string()
    const field = type.fieldNamed(reader.text, reader.start, reader.end)
    reader.expect(COLON)
    if (before !== undefined) before.follower = field
    return field
  }

  #field(type: MessageType, field: Field, depth: number): void {
    const reader = this.#reader
    if (field.message === undefined) {
      const start = reader.pos
      if (!this.#scalar(field, field.scalar!)) throw notA(field, type, start)
    } else if (!field.repeated) this.#embedded(field.tag, field.message, depth + 1)
    else {
      reader.expect(OPEN_BRACKET)
      if (reader.takes(CLOSE_BRACKET)) return
      do this.#embedded(field.tag, field.message, depth + 1)
      while (reader.takes(COMMA))
      reader.expect(CLOSE_BRACKET)
    }
  }

  #embedded(tag: number, type: MessageType, depth: number): void {
    // A plain one is two levels deep: itself and its value.
    if (type === keyValue && depth < MAX_DEPTH && this.#takesPlainAttribute(tag)) return
    const start = this.#writer.open(tag)
    if (!this.#reader.takesWord('null')) this.#message(type, depth)
    this.#writer.close(start)
  }

  #takesPlainAttribute(tag: number): boolean {
    const reader = this.#reader
    const writer = this.#writer
    reader.peek()
    const { bytes, pos } = reader
    let end = repeated.write(this.#words, pos, writer, tag)
    if (end === -1) {
      const start = writer.length
      end = transcodePlainAttribute(bytes, pos, writer, tag)
      if (end === -1) return false
      repeated.keep(bytes, pos, end, writer, start)
    }
    reader.pos = end
    return true
  }

  /** False when the value is not of this type. */
  #scalar({ tag }: Field, scalar: Scalar): boolean {
    const reader = this.#reader
    const writer = this.#writer
    switch (scalar) {
      case 'string':
        if (!this.#readText()) return false
        if (reader.start === reader.end && !this.#keepsDefault) return true
        writer.varint(tag)
        writer.bytes(reader.text, reader.start, reader.end)
        return true
      case 'bytes': {
        if (!this.#readText()) return false
        const start = writer.open(tag)
        if (!writeBase64(writer, reader.text, reader.start, reader.end)) return false
        writer.close(start)
        return true
      }
      case 'traceId':
        return this.#readText() && this.#writeId(tag, 16)
      case 'spanId':
        return this.#readText() && this.#writeId(tag, 8)
      case 'bool': {
        const value = reader.takesWord('true')
        if (!value && !reader.takesWord('false')) return false
        writer.varint(tag)
        writer.varint(value ? 1 : 0)
        return true
      }
      case 'double': {
        const value = this.#readDouble()
        if (value === undefined) return false
        writer.varint(tag)
        writer.double(value)
        return true
      }
      case 'enum':
        // As text it could only be a name, and the specification takes numbers alone.
        return reader.peek() !== QUOTE && this.#writeInteger(tag, scalar)
      default:
        return this.#writeInteger(tag, scalar)
    }
  }

  #readText(): boolean {
    if (this.#reader.peek() !== QUOTE) return false
    this.#reader.string()
    return true
  }

  /** 64-bit integers come as text or as a number, and ProtoJSON extends that to all numbers. */
  #readNumber(): boolean {
    return this.#readText() || this.#reader.number()
  }

  #writeId(tag: number, length: number): boolean {
    const { text, start, end } = this.#reader
    // The empty text is how JSON says that there is none.
    if (start === end) return true
    if (end - start !== length * 2) return false
    this.#writer.varint(tag)
    this.#writer.varint(length)
    return this.#writer.hex(text, start, end)
  }

  #writeInteger(tag: number, scalar: IntegerScalar): boolean {
    const reader = this.#reader
    const integer = this.#integer
    if (!this.#readNumber()) return false
    if (!integer.parse(reader.text, reader.start, reader.end) || !integer.fits(scalar)) return false
    if (integer.low === 0 && integer.high === 0 && !this.#keepsDefault) return true
    const writer = this.#writer
    writer.varint(tag)
    if (scalar === 'fixed32') writer.fixed32(integer.lowBits)
    else if (scalar === 'fixed64') writer.fixed64(integer.lowBits, integer.highBits)
    else writer.varint64(integer.lowBits, integer.highBits)
    return true
  }

  #readDouble(): number | undefined {
    if (!this.#readNumber()) return undefined
    const { text, start, end } = this.#reader
    return parseDouble(text, start, end) ?? namedDoubles.get(latin1(text, start, end))
  }
}

/** ProtoJSON's words for the doubles that JSON has no number for. */
const namedDoubles = new Map(
  [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((value) => [
    String(value),
    value,
  ]),
)

const expected: Record<Scalar, string> = {
  string: 'a string',
  bytes: 'base64',
  traceId: '32 hex digits',
  spanId: '16 hex digits',
  bool: 'a boolean',
  enum: 'a 32-bit integer',
  int64: 'a signed 64-bit integer',
  uint32: 'an unsigned 32-bit integer',
  fixed32: 'an unsigned 32-bit integer',
  fixed64: 'an unsigned 64-bit integer',
  double: 'a double',
}

function notA(field: Field, type: MessageType, position: number): MalformedError {
  return malformed(`${type.name}.${field.name} is not ${expected[field.scalar!]}`, position)
}
