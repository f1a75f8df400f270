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
  /**
   * Of each slot two words, so that both are in one line of a processor's cache: its row plus one,
   * or 0 where it is free, and the hash.
   */
  #slots = new Int32Array(2 << 12)
  #mask = (1 << 12) - 1
  #count = 0

  /** The slot of the first row with this hash, or -1. */
  first(hash: number): number {
    return this.#probe(hash & this.#mask, hash | 0)
  }

  /** The slot of the row with this hash after `slot`, or -1. */
  next(slot: number, hash: number): number {
    return this.#probe((slot + 1) & this.#mask, hash | 0)
  }

  row(slot: number): number {
    return this.#slots[2 * slot]! - 1
  }

  add(hash: number, row: number): void {
    if (++this.#count * 2 > this.#mask) this.#grow()
    this.#place(hash | 0, row + 1)
  }

  /** @param hash signed, as it is kept */
  #probe(start: number, hash: number): number {
    const slots = this.#slots
    for (let slot = start; slots[2 * slot] !== 0; slot = (slot + 1) & this.#mask) {
      if (slots[2 * slot + 1] === hash) return slot
    }
    return -1
  }

  #place(hash: number, entry: number): void {
    const slots = this.#slots
    let slot = hash & this.#mask
    while (slots[2 * slot] !== 0) slot = (slot + 1) & this.#mask
    slots[2 * slot] = entry
    slots[2 * slot + 1] = hash
  }

  #grow(): void {
    const slots = this.#slots
    this.#slots = new Int32Array(slots.length * 2)
    this.#mask = 2 * this.#mask + 1
    for (let at = 0; at < slots.length; at += 2) {
      if (slots[at] !== 0) this.#place(slots[at + 1]!, slots[at]!)
    }
  }
}
