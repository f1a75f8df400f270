import type { SegmentIndex } from './segment-index.ts'

/** Some megabytes. A sender that writes ids into names has no end of them. */
const maxKnown = 100_000

/** What the numbers of each index stand for, found out once for each as long as they are not too many. */
export class ByNumber<T> {
  readonly #find: (index: SegmentIndex, number: number) => T
  readonly #limit: number
  readonly #known = new Map<SegmentIndex, Map<number, T>>()
  #size = 0

  constructor(find: (index: SegmentIndex, number: number) => T, limit = maxKnown) {
    this.#find = find
    this.#limit = limit
  }

  of(index: SegmentIndex, number: number): T {
    const known = this.#known.get(index)?.get(number)
    if (known !== undefined || this.#known.get(index)?.has(number)) return known as T
    const found = this.#find(index, number)
    this.#keep(index, number, found)
    return found
  }

  #keep(index: SegmentIndex, number: number, found: T): void {
    if (this.#size === this.#limit) {
      this.#known.clear()
      this.#size = 0
    }
    const known = this.#known.get(index)
    if (known === undefined) this.#known.set(index, new Map([[number, found]]))
    else known.set(number, found)
    this.#size++
  }
}
