import { FieldOrder } from './field-order.ts'
import { hexDigit } from './json-escapes.ts'

/** The values of ASCII hex digits of either case; -1 for all other bytes. */
const hexValues = Int8Array.from({ length: 256 }, (_, byte) => hexDigit(byte))

/**
 * Writes protobuf's wire format into a buffer that grows. Varints are minimal, so the same calls
 * give the same bytes, and the bytes that other encoders give.
 */
export class ProtobufWriter {
  #bytes: Uint8Array<ArrayBuffer>
  #view: DataView
  #pos = 0
  readonly #fieldOrder = new FieldOrder()

  constructor(capacity: number) {
    // Nothing of it is read before it is written.
    this.#bytes = new Uint8Array(Buffer.allocUnsafeSlow(Math.max(capacity, 64)).buffer)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** What has been written: a view of the writer's buffer, which is not written to again. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#pos)
  }

  /** How much has been written. */
  get length(): number {
    return this.#pos
  }

  /** A varint of 32 bits: tags and lengths. */
  varint(value: number): void {
    this.#reserve(5)
    if (value < 128 && value >= 0) {
      this.#bytes[this.#pos++] = value
      return
    }
    let rest = value >>> 0
    while (rest > 127) {
      this.#bytes[this.#pos++] = (rest & 127) | 128
      rest >>>= 7
    }
    this.#bytes[this.#pos++] = rest
  }

  /** A varint of 64 bits: int64 and negative enums, in two's complement. */
  varint64(low: number, high: number): void {
    let restLow = low >>> 0
    let restHigh = high >>> 0
    this.#reserve(10)
    while (restHigh > 0) {
      this.#bytes[this.#pos++] = (restLow & 127) | 128
      restLow = ((restLow >>> 7) | (restHigh << 25)) >>> 0
      restHigh >>>= 7
    }
    this.varint(restLow)
  }

  fixed32(value: number): void {
    this.#reserve(4)
    this.#view.setUint32(this.#pos, value, true)
    this.#pos += 4
  }

  fixed64(low: number, high: number): void {
    this.fixed32(low)
    this.fixed32(high)
  }

  double(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.#pos, value, true)
    this.#pos += 8
  }

  /** A byte of a length-delimited value that was opened with `open`. */
  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#pos++] = value
  }

  /** The bytes that pairs of hex digits name, of a value that was opened; false where there are others. */
  hex(source: Uint8Array, start: number, end: number): boolean {
    this.#reserve((end - start) >> 1)
    const target = this.#bytes
    let pos = this.#pos
    // Of no digit all bits are set, which stays so.
    let all = 0
    for (let at = start; at < end; at += 2) {
      const byte = (hexValues[source[at]!]! << 4) | hexValues[source[at + 1]!]!
      all |= byte
      target[pos++] = byte
    }
    this.#pos = pos
    return all >= 0
  }

  /** A length-delimited value, whole. */
  bytes(source: Uint8Array, start: number, end: number): void {
    const length = end - start
    this.varint(length)
    this.#reserve(length)
    const target = this.#bytes
    const pos = this.#pos
    // Short texts are the rule, and a loop is faster for them than a subarray and a call.
    if (length < 48) for (let i = 0; i < length; i++) target[pos + i] = source[start + i]!
    else target.set(source.subarray(start, end), pos)
    this.#pos = pos + length
  }

  /** A KeyValue with a text, both of one to 100 bytes. */
  textAttribute(
    tag: number,
    source: Uint8Array,
    key: number,
    keyEnd: number,
    value: number,
    valueEnd: number,
  ): void {
    const length = valueEnd - value
    this.#openAttribute(tag, source, key, keyEnd, length + 2)
    const target = this.#bytes
    let pos = this.#pos
    target[pos++] = 10 // string_value = 1
    target[pos++] = length
    for (let at = value; at < valueEnd; at++) target[pos++] = source[at]!
    this.#pos = pos
  }

  /** A KeyValue with an integer from 0 up to 28 bits; the key has one to 100 bytes. */
  integerAttribute(tag: number, source: Uint8Array, key: number, keyEnd: number, value: number) {
    let length = 1
    for (let rest = value; rest > 127; rest >>>= 7) length++
    this.#openAttribute(tag, source, key, keyEnd, length + 1)
    this.#bytes[this.#pos++] = 24 // int_value = 3
    this.varint(value)
  }

  /** All of it that comes before the content of its AnyValue; there is room for that then. */
  #openAttribute(tag: number, source: Uint8Array, key: number, keyEnd: number, length: number) {
    const keyLength = keyEnd - key
    this.varint(tag)
    this.varint(keyLength + length + 4)
    this.#reserve(keyLength + length + 4)
    const target = this.#bytes
    let pos = this.#pos
    target[pos++] = 10 // key = 1
    target[pos++] = keyLength
    for (let at = key; at < keyEnd; at++) target[pos++] = source[at]!
    target[pos++] = 18 // value = 2
    target[pos++] = length
    this.#pos = pos
  }

  /** A field as it is, or several. */
  raw(source: Uint8Array, start: number, end: number): void {
    const length = end - start
    this.#reserve(length)
    const target = this.#bytes
    const pos = this.#pos
    if (length < 128) for (let i = 0; i < length; i++) target[pos + i] = source[start + i]!
    else target.set(source.subarray(start, end), pos)
    this.#pos = pos + length
  }

  /** Copies what was written since `start`, and answers how long that is. */
  copyFrom(start: number, target: Uint8Array, at: number): number {
    const length = this.#pos - start
    for (let i = 0; i < length; i++) target[at + i] = this.#bytes[start + i]!
    return length
  }

  /** Puts the fields of the message that began at `start` in the order of their numbers. */
  sortFields(start: number): void {
    this.#fieldOrder.sort(this.#bytes, start, this.#pos)
  }

  /** Begins a length-delimited value of unknown length; give the answer to `close`. */
  open(tag: number): number {
    this.varint(tag)
    this.#reserve(1)
    return ++this.#pos
  }

  /** Ends it, and makes room for its length where one byte was kept: most are that short. */
  close(start: number): void {
    const length = this.#pos - start
    let more = 0
    for (let rest = length; rest > 127; rest >>>= 7) more++
    if (more > 0) {
      this.#reserve(more)
      this.#bytes.copyWithin(start + more, start, this.#pos)
    }
    this.#pos = start - 1
    this.varint(length)
    this.#pos = start + more + length
  }

  #reserve(count: number): void {
    const needed = this.#pos + count
    if (needed <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
    larger.set(this.#bytes)
    this.#bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}
