/** One request that waits, as it came. */
interface Waiting {
  bytes: Uint8Array
  spans: number
  next: Waiting | undefined
}

/** Requests that are sent as one. */
export interface Batch {
  readonly first: Waiting
  readonly last: Waiting
  readonly spans: number
  readonly size: number
  /**
   * Protobuf written one after the other is one message with the repeated fields of all: requests
   * are merged without looking into them (protobuf.dev/programming-guides/encoding, "Last One Wins").
   */
  readonly body: Buffer
}

/** What keeping a request costs besides its bytes, about: tiny ones must not escape the limit. */
const costOfOne = 128

/**
 * What is still to be sent, in order of arrival, in at most `maxBytes` of memory. Past that the
 * oldest goes: what happens now is worth more to whoever looks than what happened an hour ago.
 */
export class ForwardQueue {
  readonly #maxBytes: number
  #first: Waiting | undefined
  #last: Waiting | undefined
  #spans = 0
  #bytes = 0
  #out: Batch | undefined

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Spans that wait, with those of the batch that is out. */
  get spans(): number {
    return this.#spans + (this.#out?.spans ?? 0)
  }

  get bytes(): number {
    return this.#bytes + (this.#out?.size ?? 0)
  }

  get isEmpty(): boolean {
    return this.#first === undefined
  }

  /** @returns how many spans had to go */
  put(payload: Uint8Array, spans: number): number {
    // A copy: the payload may be a small part of a large buffer, which would stay with it.
    const waiting = { bytes: Uint8Array.from(payload), spans, next: undefined }
    if (this.#last === undefined) this.#first = waiting
    else this.#last.next = waiting
    this.#last = waiting
    this.#spans += spans
    this.#bytes += costOf(waiting)
    return this.#dropOldest()
  }

  /**
   * Takes the oldest requests out, up to `maxBytes` of them and at least one. They count as waiting
   * until `settle` or `putBack`, one of which must follow before the next `take`.
   */
  take(maxBytes: number): Batch | undefined {
    const first = this.#first
    if (first === undefined) return undefined
    const parts = [first.bytes]
    let last = first
    let { spans } = first
    let size = costOf(first)
    let length = first.bytes.length
    for (let one = first.next; one !== undefined; one = one.next) {
      length += one.bytes.length
      if (length > maxBytes) break
      parts.push(one.bytes)
      spans += one.spans
      size += costOf(one)
      last = one
    }
    this.#removeUpTo(last, spans, size)
    this.#out = { first, last, spans, size, body: Buffer.concat(parts) }
    return this.#out
  }

  /** The batch that is out needs nobody any more. */
  settle(): void {
    this.#out = undefined
  }

  /** The batch that is out must be sent again. @returns how many spans had to go */
  putBack(): number {
    if (this.#out === undefined) return 0
    const { first, last, spans, size } = this.#out
    this.#out = undefined
    last.next = this.#first
    this.#first = first
    this.#last ??= last
    this.#spans += spans
    this.#bytes += size
    return this.#dropOldest()
  }

  /** Drops all that wait. @returns how many spans they were */
  clear(): number {
    const spans = this.#spans
    this.#first = undefined
    this.#last = undefined
    this.#spans = 0
    this.#bytes = 0
    return spans
  }

  /** A batch that is out may be arriving now: it cannot be dropped, but it takes its room. */
  #dropOldest(): number {
    let dropped = 0
    while (this.#first !== undefined && this.bytes > this.#maxBytes) {
      dropped += this.#first.spans
      this.#removeUpTo(this.#first, this.#first.spans, costOf(this.#first))
    }
    return dropped
  }

  #removeUpTo(last: Waiting, spans: number, size: number): void {
    this.#first = last.next
    if (this.#first === undefined) this.#last = undefined
    // Cut here, or a batch that is out would hold on to all that came after it.
    last.next = undefined
    this.#spans -= spans
    this.#bytes -= size
  }
}

function costOf({ bytes }: Waiting): number {
  return bytes.length + costOfOne
}
