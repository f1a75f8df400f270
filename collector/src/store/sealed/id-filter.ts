/** Of a filter that holds as many ids as it was made for, about one of 300 others gets through. */
const bitsPerId = 12
const bitsInId = 6
/** A block of 512 bits is one line of a processor's cache. */
const blockWords = 16

/**
 * A Bloom filter of hashes, all whose bits for one hash are in one block: to find out that an id is
 * not in a segment costs one look at memory, and every new trace asks that of every segment.
 */
export class IdFilter {
  readonly words: Uint32Array

  constructor(words: Uint32Array) {
    this.words = words
  }

  static for(count: number): IdFilter {
    const blocks = Math.max(1, Math.ceil((count * bitsPerId) / (blockWords * 32)))
    return new IdFilter(new Uint32Array(blocks * blockWords))
  }

  add(hash: number): void {
    const block = this.#block(hash)
    let bits = hash | 1
    for (let i = 0; i < bitsInId; i++) {
      bits = Math.imul(bits, 0x9e3779b1)
      this.words[block + (bits >>> 28)]! |= 1 << (bits >>> 23)
    }
  }

  has(hash: number): boolean {
    const block = this.#block(hash)
    let bits = hash | 1
    for (let i = 0; i < bitsInId; i++) {
      bits = Math.imul(bits, 0x9e3779b1)
      if (((this.words[block + (bits >>> 28)]! >>> (bits >>> 23)) & 1) === 0) return false
    }
    return true
  }

  /** By the upper bits, since the lower ones say which bits of the block. */
  #block(hash: number): number {
    return Math.floor((hash * (this.words.length / blockWords)) / 2 ** 32) * blockWords
  }
}
