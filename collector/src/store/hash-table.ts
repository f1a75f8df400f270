import { randomInt } from 'node:crypto'

/** Senders choose the ids: with a secret seed they cannot choose ids that all collide. */
export const processSeed = randomInt(0x1_0000_0000)

/** Mixes 32 bits into a hash (the round and the finaliser of MurmurHash3). */
export function mix(hash: number, word: number): number {
  let w = Math.imul(word, 0xcc9e2d51)
  w = (w << 15) | (w >>> 17)
  const h = hash ^ Math.imul(w, 0x1b873593)
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0
}

export function finish(hash: number): number {
  let h = hash
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

export const hashStart = processSeed | 0

/**
 * Open addressing from a 32-bit hash to row numbers kept elsewhere. Several rows may share a hash:
 * the caller walks `first`, `next`, … and compares the keys themselves, which live in columns.
 */
export class HashTable {
  #rows = new Int32Array(1 << 12).fill(-1)
  #hashes = new Uint32Array(1 << 12)
  #count = 0

  /** The slot of the first row with this hash, or -1. */
  first(hash: number): number {
    return this.#probe(hash & (this.#rows.length - 1), hash)
  }

  /** The slot of the row with this hash after `slot`, or -1. */
  next(slot: number, hash: number): number {
    return this.#probe((slot + 1) & (this.#rows.length - 1), hash)
  }

  row(slot: number): number {
    return this.#rows[slot]!
  }

  add(hash: number, row: number): void {
    if (++this.#count * 2 > this.#rows.length) this.#grow()
    this.#place(hash, row)
  }

  #probe(start: number, hash: number): number {
    const mask = this.#rows.length - 1
    for (let slot = start; this.#rows[slot] !== -1; slot = (slot + 1) & mask) {
      if (this.#hashes[slot] === hash) return slot
    }
    return -1
  }

  #place(hash: number, row: number): void {
    const mask = this.#rows.length - 1
    let slot = hash & mask
    while (this.#rows[slot] !== -1) slot = (slot + 1) & mask
    this.#rows[slot] = row
    this.#hashes[slot] = hash
  }

  #grow(): void {
    const rows = this.#rows
    const hashes = this.#hashes
    this.#rows = new Int32Array(rows.length * 2).fill(-1)
    this.#hashes = new Uint32Array(rows.length * 2)
    for (let slot = 0; slot < rows.length; slot++) {
      if (rows[slot] !== -1) this.#place(hashes[slot]!, rows[slot]!)
    }
  }
}
