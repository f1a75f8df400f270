/** A list of numbers, wherever they are. */
export interface Numbers {
  /** The value of a row that is in the list. */
  get(row: number): number
}

export type NumberArray = Uint8Array | Int32Array | Uint32Array | Float64Array

const chunkBits = 14
const chunkLength = 1 << chunkBits
const inChunk = chunkLength - 1
const none = new Uint8Array()

/**
 * A growing list of numbers in typed arrays. It grows by chunks instead of by copying: a million
 * rows cost what their bytes cost, and no append is ever slow.
 */
export class Column implements Numbers {
  readonly #allocate: (length: number) => NumberArray
  readonly #chunks: NumberArray[] = []
  /** The chunk that is being filled. */
  #last: NumberArray = none
  #length = 0

  constructor(allocate: (length: number) => NumberArray) {
    this.#allocate = allocate
  }

  get length(): number {
    return this.#length
  }

  /** Appends a value and answers its row. */
  push(value: number): number {
    const row = this.#length++
    if ((row & inChunk) === 0) {
      this.#last = this.#allocate(chunkLength)
      this.#chunks.push(this.#last)
    }
    this.#last[row & inChunk] = value
    return row
  }

  /** The value of a row that was pushed before. */
  get(row: number): number {
    return this.#chunks[row >>> chunkBits]![row & inChunk]!
  }

  /** Copies rows, which are all there, into a list of the same type. */
  copy(first: number, count: number, target: NumberArray): void {
    for (let done = 0; done < count; ) {
      const at = (first + done) & inChunk
      const length = Math.min(count - done, chunkLength - at)
      const chunk = this.#chunks[(first + done) >>> chunkBits]!
      target.set(chunk.subarray(at, at + length), done)
      done += length
    }
  }

  set(row: number, value: number): void {
    this.#chunks[row >>> chunkBits]![row & inChunk] = value
  }
}

export const bytes = () => new Column((length) => new Uint8Array(length))
export const signed32 = () => new Column((length) => new Int32Array(length))
export const unsigned32 = () => new Column((length) => new Uint32Array(length))
export const doubles = () => new Column((length) => new Float64Array(length))
