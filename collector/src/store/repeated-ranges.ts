import { finish } from './hash-table.ts'

/** A power of two; what is pushed out of its slot is merely not recognised. */
const slots = 1024

/**
 * Recognises ranges of a payload whose bytes are those of a range before. It remembers places, copies
 * nothing, and forgets some: `true` is sure, `false` is not.
 */
export class RepeatedRanges {
  /** By a cheap mark of their bytes: where the last range with it was; length 0 for none. */
  readonly #starts = new Uint32Array(slots)
  readonly #lengths = new Uint32Array(slots)

  /** To be called before the ranges of another payload. */
  clear(): void {
    this.#lengths.fill(0)
  }

  /** Whether the bytes at `[start, end)` came before; they are remembered from now on. */
  isRepeated(view: DataView, start: number, end: number): boolean {
    const length = end - start
    if (length < 8) return false
    // Of attributes, values differ at the end and keys in the middle.
    const last = view.getInt32(end - 4, true)
    const middle = view.getInt32(start + (length >>> 1) - 2, true)
    const mark = finish(Math.imul(middle, 0x9e3779b1) ^ last ^ length)
    const slot = mark & (slots - 1)
    const before = this.#starts[slot]!
    const isAsLong = this.#lengths[slot] === length
    this.#starts[slot] = start
    this.#lengths[slot] = length
    return isAsLong && isEqual(view, before, start, length)
  }
}

/** @param length at least 4 */
function isEqual(view: DataView, a: number, b: number, length: number): boolean {
  const last = length - 4
  for (let at = 0; at < last; at += 4) {
    if (view.getInt32(a + at, true) !== view.getInt32(b + at, true)) return false
  }
  return view.getInt32(a + last, true) === view.getInt32(b + last, true)
}
