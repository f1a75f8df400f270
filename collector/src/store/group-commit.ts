/** Waiting items beyond this many bytes are left for the next turn of the event loop. */
const maxBytes = 8 * 1024 * 1024

interface Waiting<Item> {
  item: Item
  resolve(): void
  reject(error: unknown): void
}

/**
 * Requests that arrive in the same turn of the event loop share one write: a thousand small ones
 * cost little more than one. None waits for a timer.
 */
export class GroupCommit<Item> {
  readonly #sizeOf: (item: Item) => number
  readonly #write: (items: Item[]) => Promise<void> | undefined
  #waiting: Waiting<Item>[] = []

  /**
   * @param write keeps all items, or throws and keeps none; a promise where they are not safe before
   * that resolves
   */
  constructor(sizeOf: (item: Item) => number, write: (items: Item[]) => Promise<void> | undefined) {
    this.#sizeOf = sizeOf
    this.#write = write
  }

  /** Resolves when the item is written. */
  add(item: Item): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      if (this.#waiting.length === 1) setImmediate(() => this.#commit())
    })
  }

  #commit(): void {
    const group = this.#takeGroup()
    if (this.#waiting.length > 0) setImmediate(() => this.#commit())
    const succeed = () => {
      for (const { resolve } of group) resolve()
    }
    const fail = (error: unknown) => {
      for (const { reject } of group) reject(error)
    }
    try {
      const isSafe = this.#write(group.map(({ item }) => item))
      // Not by await: without a promise there is nothing to wait for, not even a turn.
      if (isSafe === undefined) succeed()
      else isSafe.then(succeed, fail)
    } catch (error) {
      fail(error)
    }
  }

  #takeGroup(): Waiting<Item>[] {
    let bytes = 0
    let count = 0
    for (const { item } of this.#waiting) {
      bytes += this.#sizeOf(item)
      if (count > 0 && bytes > maxBytes) break
      count++
    }
    return this.#waiting.splice(0, count)
  }
}
