import type { ProtobufWriter } from './protobuf-writer.ts'

/** A power of two. */
const slots = 256
/** Longer attributes are not kept; nor are shorter ones than what their mark is made of. */
const longest = 256
const shortest = 48
/** An attribute that is another one each time is not worth to be kept each time. */
const missesToKeep = 16

/**
 * Attributes in JSON, as they came, with the protobuf that they became. Spans repeat them endlessly,
 * and to compare and to copy bytes takes a fraction of the time of reading them. It is of use from one
 * request to the next, since it holds copies.
 */
export class RepeatedAttributes {
  readonly #texts = new Uint8Array(slots * longest)
  readonly #textWords = viewOf(this.#texts)
  readonly #textLengths = new Uint16Array(slots)
  readonly #fields = new Uint8Array(slots * longest)
  readonly #fieldLengths = new Uint16Array(slots)
  readonly #misses = new Uint8Array(slots)
  #slot = 0

  /**
   * Writes the attribute that begins at `pos` if it is a known one.
   * @param words of `bytes`
   * @param tag of the field that has the attribute: one byte
   * @returns where it ends, or -1
   */
  write(words: DataView, pos: number, writer: ProtobufWriter, tag: number): number {
    if (pos + longest > words.byteLength) return -1
    this.#slot = slotOf(words, pos)
    const length = this.#textLengths[this.#slot]!
    const start = this.#slot * longest
    if (length === 0 || this.#fields[start] !== tag) return -1
    const last = length - 4
    for (let at = 0; at < last; at += 4) {
      if (words.getInt32(pos + at) !== this.#textWords.getInt32(start + at)) return -1
    }
    if (words.getInt32(pos + last) !== this.#textWords.getInt32(start + last)) return -1
    writer.raw(this.#fields, start, start + this.#fieldLengths[this.#slot]!)
    return pos + length
  }

  /** Keeps, at times, an attribute that `write` did not know, with what was written for it since `from`. */
  keep(bytes: Uint8Array, pos: number, end: number, writer: ProtobufWriter, from: number): void {
    const length = end - pos
    if (length < shortest || length > longest || pos + longest > bytes.length) return
    if (this.#misses[this.#slot]!++ % missesToKeep !== 0) return
    const start = this.#slot * longest
    for (let i = 0; i < length; i++) this.#texts[start + i] = bytes[pos + i]!
    this.#textLengths[this.#slot] = length
    this.#fieldLengths[this.#slot] = writer.copyFrom(from, this.#fields, start)
  }
}

/** Behind `{"key":"` comes what tells attributes apart; many keys begin alike. */
function slotOf(words: DataView, pos: number): number {
  let mark = words.getInt32(pos + 12)
  for (let at = 20; at < shortest; at += 8) {
    mark = Math.imul(mark ^ words.getInt32(pos + at), 0x9e3779b1)
  }
  return (mark >>> 20) & (slots - 1)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
