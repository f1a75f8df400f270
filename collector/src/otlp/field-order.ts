import { ProtobufReader } from './protobuf-reader.ts'

/**
 * Puts the fields of a message in the order of their numbers; those of one number keep theirs, since
 * the last one counts and lists have an order. Official encoders write so
 * (protobuf.dev/programming-guides/encoding, "Message Structure"), though no reader may ask for it.
 *
 * What it needs of memory it keeps for the next message: most are short, and there are many.
 */
export class FieldOrder {
  readonly #reader = new ProtobufReader()
  #copy = new Uint8Array(256)
  /** Neighbours with the same number are one run: where each starts, and its number. */
  readonly #starts: number[] = []
  readonly #numbers: number[] = []
  readonly #order: number[] = []

  /** Sorts the message in `bytes[start, end)`, in place. */
  sort(bytes: Uint8Array, start: number, end: number): void {
    const runs = this.#findRuns(bytes, start, end)
    this.#sortRuns(runs)
    const length = end - start
    if (this.#copy.length < length) this.#copy = new Uint8Array(length * 2)
    copy(bytes, start, end, this.#copy, 0)
    let pos = start
    for (let i = 0; i < runs; i++) {
      const run = this.#order[i]!
      const from = this.#starts[run]! - start
      const to = (run + 1 < runs ? this.#starts[run + 1]! : end) - start
      copy(this.#copy, from, to, bytes, pos)
      pos += to - from
    }
  }

  #findRuns(bytes: Uint8Array, start: number, end: number): number {
    const reader = this.#reader
    reader.bytes = bytes
    reader.pos = start
    let runs = 0
    while (reader.pos < end) {
      const fieldStart = reader.pos
      const tag = reader.tag(end)
      reader.skipValue(tag & 7, end)
      if (runs > 0 && this.#numbers[runs - 1] === tag >>> 3) continue
      this.#starts[runs] = fieldStart
      this.#numbers[runs] = tag >>> 3
      this.#order[runs] = runs++
    }
    return runs
  }

  /** A message has few runs unless somebody means harm: then it must not take the square of them. */
  #sortRuns(runs: number): void {
    const order = this.#order
    const numbers = this.#numbers
    if (runs > 32) {
      order.length = runs
      order.sort((a, b) => numbers[a]! - numbers[b]! || a - b)
      return
    }
    for (let i = 1; i < runs; i++) {
      const run = order[i]!
      let j = i
      for (; j > 0 && numbers[order[j - 1]!]! > numbers[run]!; j--) order[j] = order[j - 1]!
      order[j] = run
    }
  }
}

/** Short ranges are the rule, and a loop is faster for them than a subarray and a call. */
function copy(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  if (end - start > 64) to.set(from.subarray(start, end), at)
  else for (let i = start; i < end; i++) to[at + i - start] = from[i]!
}
