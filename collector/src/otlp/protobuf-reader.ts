import { malformed } from './malformed.ts'
import { I32, I64, LEN, type MessageType, VARINT } from './message-type.ts'

const noBytes = new Uint8Array()

/**
 * A cursor over protobuf's wire format (protobuf.dev/programming-guides/encoding). Every read names
 * the `end` of the message it is in and throws MalformedError rather than pass it, so a reader that
 * loops while `pos < end` moves forward and stops exactly there.
 */
export class ProtobufReader {
  bytes: Uint8Array = noBytes
  pos = 0
  /** Attributes and other embedded messages that were walked through. */
  messages = 0
  /** The upper 32 bits of the last `varint` or `fixed64`. */
  high = 0

  /** A field's number and wire type. */
  tag(end: number): number {
    const start = this.pos
    const tag = this.uint32(end)
    if (tag < 8) throw malformed('field number 0', start)
    return tag
  }

  /** Reads the length of a value and stops before the value; answers where it ends. */
  valueEnd(end: number): number {
    const start = this.pos
    const length = this.uint32(end)
    if (length > end - this.pos) throw malformed('a length that passes its message', start)
    return this.pos + length
  }

  /** A varint of at most 32 bits and 5 bytes: what tags and lengths are. */
  uint32(end: number): number {
    const { bytes, pos } = this
    if (pos >= end) throw malformed('message cut short', pos)
    const byte = bytes[pos]!
    if (byte > 127) return this.#longUint32(end)
    this.pos = pos + 1
    return byte
  }

  #longUint32(end: number): number {
    const start = this.pos
    let value = 0
    for (let shift = 0; ; shift += 7) {
      if (this.pos >= end) throw malformed('message cut short', this.pos)
      const byte = this.bytes[this.pos++]!
      // The fifth byte has room for four bits, and none for a sixth.
      if (shift === 28 && byte > 15) throw malformed('a tag or length of over 32 bits', start)
      value |= (byte & 127) << shift
      if (byte < 128) return value >>> 0
    }
  }

  /** The lower 32 bits of a varint of at most 64 bits; the upper ones are in `high`. */
  varint(end: number): number {
    const { bytes, pos } = this
    if (pos < end && bytes[pos]! < 128) {
      this.pos = pos + 1
      this.high = 0
      return bytes[pos]!
    }
    return this.#longVarint(end)
  }

  #longVarint(end: number): number {
    const start = this.pos
    let low = 0
    let high = 0
    for (let shift = 0; ; shift += 7) {
      if (this.pos >= end) throw malformed('message cut short', this.pos)
      const byte = this.bytes[this.pos++]!
      if (shift === 63 && byte > 1) throw malformed('a varint of over 64 bits', start)
      const bits = byte & 127
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high = bits >>> 4
      } else high |= bits << (shift - 32)
      if (byte < 128) {
        this.high = high >>> 0
        return low >>> 0
      }
    }
  }

  fixed32(end: number): number {
    const start = this.advance(4, end)
    return readUint32(this.bytes, start)
  }

  /** The lower 32 bits; the upper ones are in `high`. */
  fixed64(end: number): number {
    const start = this.advance(8, end)
    this.high = readUint32(this.bytes, start + 4)
    return readUint32(this.bytes, start)
  }

  /** Steps over `count` bytes and says where they start. */
  advance(count: number, end: number): number {
    const start = this.pos
    if (count > end - start) throw malformed('message cut short', end)
    this.pos = start + count
    return start
  }

  /**
   * Steps over the value of a field that `message` does not know. With a known number it was the
   * wire type that did not fit: that is an error, or a sender's mistake would look like a default.
   */
  skipUnknown(tag: number, message: MessageType, end: number): void {
    const field = message.byNumber[tag >>> 3]
    if (field !== undefined) {
      throw malformed(`wire type ${tag & 7} for ${message.name}.${field.name}`, this.pos)
    }
    this.skipValue(tag & 7, end)
  }

  skipValue(wireType: number, end: number): void {
    if (wireType === LEN) this.pos = this.valueEnd(end)
    else if (wireType === VARINT) this.varint(end)
    else if (wireType === I64) this.advance(8, end)
    else if (wireType === I32) this.advance(4, end)
    else throw malformed(`wire type ${wireType}, which proto3 does not have,`, this.pos)
  }
}

/** Little-endian, unsigned; the caller has checked the bounds. */
export function readUint32(bytes: Uint8Array, pos: number): number {
  return (
    (bytes[pos]! | (bytes[pos + 1]! << 8) | (bytes[pos + 2]! << 16) | (bytes[pos + 3]! << 24)) >>> 0
  )
}
