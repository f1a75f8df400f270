/** Something whose pages are kept; it is told when one goes, since it may hold the last one used. */
export interface PageOwner {
  forget(page: number): void
}

interface Entry {
  owner: PageOwner
  page: number
  value: unknown
  bytes: number
}

/**
 * What was read last of all sealed segments together, up to a number of bytes: pages of indexes and
 * blocks of records, uncompressed. Those that were used longest ago go first.
 */
export class PageCache {
  readonly #limit: number
  readonly #entries = new Map<number, Entry>()
  #bytes = 0
  #owners = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** A number for an owner, from which its pages get theirs. */
  register(): number {
    return this.#owners++ * 2 ** 24
  }

  get(id: number, page: number): unknown {
    const entry = this.#entries.get(id + page)
    if (entry === undefined) return undefined
    this.#entries.delete(id + page)
    this.#entries.set(id + page, entry)
    return entry.value
  }

  /** What is large would push everything else out: it is not kept. */
  add(id: number, page: number, owner: PageOwner, value: unknown, bytes: number): boolean {
    if (bytes > this.#limit / 4) return false
    this.#entries.set(id + page, { owner, page, value, bytes })
    this.#bytes += bytes
    for (const [key, entry] of this.#entries) {
      if (this.#bytes <= this.#limit) break
      this.#remove(key, entry)
    }
    return true
  }

  /** Lets go of all pages of an owner. */
  drop(owner: PageOwner): void {
    for (const [key, entry] of this.#entries) if (entry.owner === owner) this.#remove(key, entry)
  }

  #remove(key: number, entry: Entry): void {
    this.#entries.delete(key)
    this.#bytes -= entry.bytes
    entry.owner.forget(entry.page)
  }
}
