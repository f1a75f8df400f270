/** Texts that are looked up instead of made anew; longer ones seldom come twice. */
const keptLength = 32
const keptTexts = 4_096

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const noBytes = new Uint8Array()

/**
 * Reads protobuf's wire format (protobuf.dev/programming-guides/encoding), front to back. Nothing is read
 * past the end of the bytes: what is cut short throws RangeError.
 *
 * Keys, names and many values come again and again: a text that was read a moment ago is not made a
 * second time, which is faster than the decoder of any platform, and takes less memory.
 */
export class WireCursor {
  pos = 0
  #bytes: Uint8Array = noBytes
  #view: DataView = new DataView(noBytes.buffer)
  readonly #kept: string[] = []

  open(bytes: Uint8Array): void {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.pos = 0
  }

  /** A tag or a length; and a varint of which the lower 32 bits are enough. */
  uint32(): number {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#view.getUint8(this.pos++)
      if (shift < 32) value |= (byte & 127) << shift
      if (byte < 128) return value >>> 0
    }
    throw new RangeError('a varint of over 64 bits')
  }

  /** A varint in two's complement. */
  int64(): bigint {
    let value = 0n
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#view.getUint8(this.pos++)
      // Most are small.
      if (shift === 0 && byte < 128) return BigInt(byte)
      value |= BigInt(byte & 127) << BigInt(shift)
      if (byte < 128) return BigInt.asIntN(64, value)
    }
    throw new RangeError('a varint of over 64 bits')
  }

  fixed32(): number {
    return this.#view.getUint32(this.#advance(4), true)
  }

  fixed64(): bigint {
    return this.#view.getBigUint64(this.#advance(8), true)
  }

  double(): number {
    return this.#view.getFloat64(this.#advance(8), true)
  }

  /** Where the length-delimited value ends that begins here. */
  end(): number {
    const length = this.uint32()
    return this.pos + length
  }

  text(): string {
    const end = this.end()
    const length = end - this.pos
    if (length > keptLength) return utf8.decode(this.slice(end))
    let hash = length
    for (let at = this.pos; at < end; at++) {
      const byte = this.#view.getUint8(at)
      if (byte > 127) return utf8.decode(this.slice(end))
      hash = (Math.imul(hash, 31) + byte) | 0
    }
    const place = (hash ^ (hash >>> 15)) & (keptTexts - 1)
    const known = this.#kept[place]
    if (known !== undefined && this.#isHere(known, length)) {
      this.pos = end
      return known
    }
    const text = String.fromCharCode(...this.slice(end))
    this.#kept[place] = text
    return text
  }

  /** An id in hex; empty for one of another length, or of zeros, which is none. */
  id(length: number): string {
    const bytes = this.slice(this.end())
    if (bytes.length !== length) return ''
    let text = ''
    let any = 0
    for (const byte of bytes) {
      text += hexOfByte[byte]
      any |= byte
    }
    return any === 0 ? '' : text
  }

  base64(): string {
    let binary = ''
    for (const byte of this.slice(this.end())) binary += String.fromCharCode(byte)
    return btoa(binary)
  }

  skip(tag: number): void {
    switch (tag & 7) {
      case 0:
        this.uint32()
        return
      case 1:
        this.#advance(8)
        return
      case 2: {
        const end = this.end()
        this.#advance(end - this.pos)
        return
      }
      case 5:
        this.#advance(4)
        return
      default:
        throw new RangeError(`wire type ${tag & 7}`)
    }
  }

  slice(end: number): Uint8Array {
    const start = this.#advance(end - this.pos)
    return this.#bytes.subarray(start, end)
  }

  #advance(count: number): number {
    const start = this.pos
    if (count > this.#bytes.length - start) throw new RangeError('a message that is cut short')
    this.pos = start + count
    return start
  }

  #isHere(text: string, length: number): boolean {
    if (text.length !== length) return false
    for (let at = 0; at < length; at++) {
      if (text.charCodeAt(at) !== this.#bytes[this.pos + at]) return false
    }
    return true
  }
}
