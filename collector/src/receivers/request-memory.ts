import { OverloadedError } from './errors.ts'

/**
 * The bytes of all requests under way. A limit for each request says nothing about a hundred of
 * them: past this one, what goes over it is refused in a way that makes its sender come back, and
 * those that are under way are finished.
 */
export class RequestMemory {
  readonly #limit: number
  #bytes = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get bytes(): number {
    return this.#bytes
  }

  /**
   * For one request, which must `release` what it takes.
   * @param maxBytes of it, as it comes and decompressed
   */
  hold(maxBytes: number): HeldMemory {
    return new HeldMemory(maxBytes, (bytes) => this.#take(bytes))
  }

  #take(bytes: number): void {
    if (bytes > 0 && this.#bytes + bytes > this.#limit) {
      throw new OverloadedError('too many requests are under way, send it again')
    }
    this.#bytes += bytes
  }
}

/** What one request has of it. */
export class HeldMemory {
  readonly maxBytes: number
  readonly #take: (bytes: number) => void
  #bytes = 0
  #isReleased = false

  constructor(maxBytes: number, take: (bytes: number) => void) {
    this.maxBytes = maxBytes
    this.#take = take
  }

  /** Says how large the request is by now. @throws OverloadedError; it then has what it had */
  resize(bytes: number): void {
    // Of a call that was given up meanwhile.
    if (this.#isReleased) return
    this.#take(bytes - this.#bytes)
    this.#bytes = bytes
  }

  release(): void {
    this.resize(0)
    this.#isReleased = true
  }
}
