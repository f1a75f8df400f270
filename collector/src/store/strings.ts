import { unsigned32 } from './column.ts'
import { finish, HashTable, hashStart, mix } from './hash-table.ts'
import { word } from './uint64.ts'

/** Longer names are cut in the index (the stored span keeps them whole): a name is no place to fill. */
export const maxTextBytes = 1_024

/**
 * Names and services as small numbers. They repeat endlessly, so each is kept once, as bytes, and
 * a span that brings a known one allocates nothing.
 */
export class Strings {
  readonly #table = new HashTable()
  readonly #offset = unsigned32()
  readonly #length = unsigned32()
  #bytes = Buffer.alloc(1 << 12)
  #used = 0

  /** The number of the UTF-8 string at `source[offset, offset + length)`. */
  intern(source: Uint8Array, offset: number, length: number): number {
    const size = Math.min(length, maxTextBytes)
    const hash = hashOf(source, offset, size)
    const known = this.#find(hash, source, offset, size)
    if (known !== -1) return known
    const id = this.#keep(source, offset, size)
    this.#table.add(hash, id)
    return id
  }

  internText(text: string): number {
    const source = Buffer.from(text)
    return this.intern(source, 0, source.length)
  }

  /** The number of a text, or -1: what people ask for must not grow the index. */
  find(text: string): number {
    const source = cutText(text)
    return this.#find(hashOf(source, 0, source.length), source, 0, source.length)
  }

  text(id: number): string {
    const offset = this.#offset.get(id)
    return this.#bytes.toString('utf8', offset, offset + this.#length.get(id))
  }

  /** At most `maxTextBytes`, which may be a text that was cut. */
  byteLength(id: number): number {
    return this.#length.get(id)
  }

  /** How many there are, and the bytes of each: what a sealed segment keeps of them. */
  get count(): number {
    return this.#length.length
  }

  bytes(id: number): Buffer {
    const offset = this.#offset.get(id)
    return this.#bytes.subarray(offset, offset + this.#length.get(id))
  }

  #find(hash: number, source: Uint8Array, offset: number, length: number): number {
    for (let slot = this.#table.first(hash); slot !== -1; slot = this.#table.next(slot, hash)) {
      const id = this.#table.row(slot)
      if (this.#equals(id, source, offset, length)) return id
    }
    return -1
  }

  #equals(id: number, source: Uint8Array, offset: number, length: number): boolean {
    if (this.#length.get(id) !== length) return false
    const start = this.#offset.get(id)
    for (let i = 0; i < length; i++) {
      if (this.#bytes[start + i] !== source[offset + i]) return false
    }
    return true
  }

  #keep(source: Uint8Array, offset: number, length: number): number {
    if (this.#used + length > this.#bytes.length) {
      const larger = Buffer.alloc(this.#bytes.length * 2)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes.set(source.subarray(offset, offset + length), this.#used)
    this.#offset.push(this.#used)
    this.#used += length
    return this.#length.push(length)
  }
}

/** The bytes that the index keeps of a text. */
export function cutText(text: string): Buffer {
  return Buffer.from(text).subarray(0, maxTextBytes)
}

function hashOf(source: Uint8Array, offset: number, length: number): number {
  let hash = mix(hashStart, length)
  const end = offset + length
  let at = offset
  for (; at + 4 <= end; at += 4) hash = mix(hash, word(source, at))
  for (; at < end; at++) hash = mix(hash, source[at]!)
  return finish(hash)
}
