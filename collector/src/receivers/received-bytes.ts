import { freeMemory } from './free-memory.ts'

/** How much is kept ready for what a sender only announces. */
const trustedBytes = 1024 * 1024

/**
 * The bytes of a request as they come. They are copied together: each piece is an object of a
 * hundred bytes that holds on to the 64 KiB it was read into, so that a sender could make twenty
 * million of them out of the largest request, a byte at a time.
 */
export class ReceivedBytes {
  readonly #ownsChunks: boolean
  #bytes: Buffer = Buffer.alloc(0)
  #isOwn = false
  #length = 0

  /** @param ownsChunks whether nobody else has the memory of what is added */
  constructor(ownsChunks: boolean) {
    this.#ownsChunks = ownsChunks
  }

  get length(): number {
    return this.#length
  }

  /** @param announced how many there will be in all, as far as the sender says */
  add(chunk: Buffer, announced = 0): void {
    const length = this.#length + chunk.length
    if (this.#length === 0) {
      // Most requests are one piece, which needs no copy.
      this.#bytes = chunk
      this.#isOwn = this.#ownsChunks
    } else {
      if (length > this.#bytes.length) this.#grow(length, announced)
      chunk.copy(this.#bytes, this.#length)
      if (this.#ownsChunks) freeMemory(chunk)
    }
    this.#length = length
  }

  /** All that has come; shares its memory with what comes later. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Gives the memory back, where it is nobody else's; nobody may look at the bytes any more. */
  free(): void {
    if (this.#isOwn) freeMemory(this.#bytes)
    this.clear()
  }

  clear(): void {
    this.#bytes = Buffer.alloc(0)
    this.#length = 0
  }

  #grow(length: number, announced: number): void {
    const wanted = Math.max(2 * length, Math.min(announced, trustedBytes))
    const larger = Buffer.allocUnsafeSlow(
      announced >= length ? Math.min(announced, wanted) : wanted,
    )
    this.bytes.copy(larger)
    if (this.#isOwn) freeMemory(this.#bytes)
    this.#bytes = larger
    this.#isOwn = true
  }
}
