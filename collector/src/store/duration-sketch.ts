/** Below it a duration counts as none. */
const leastNano = 1

/**
 * Quantiles of durations within a relative error, in as much memory as the durations differ: counts
 * of buckets whose bounds are each a little more than the one before (DDSketch: Masson, Rim and Lee,
 * VLDB 2019). One bucket a percent is 2,200 for all durations that 64 bits can say, and 120 for ten
 * times as long.
 */
export class DurationSketch {
  readonly #logGamma: number
  readonly #error: number
  /** Of the buckets from `#first` on. */
  #counts = new Uint32Array(0)
  #first = 0
  #zeros = 0
  #total = 0

  /** @param error as a part of the value: 0.01 is 1 % */
  constructor(error: number) {
    this.#error = error
    this.#logGamma = Math.log((1 + error) / (1 - error))
  }

  get count(): number {
    return this.#total
  }

  /** @param nanos negative ones count as 0 */
  add(nanos: number): void {
    this.#total++
    if (!(nanos >= leastNano)) this.#zeros++
    else this.#addTo(Math.ceil(Math.log(nanos) / this.#logGamma), 1)
  }

  /** Adds all that another one of the same error has. */
  merge(other: DurationSketch): void {
    this.#total += other.#total
    this.#zeros += other.#zeros
    for (const [i, count] of other.#counts.entries()) {
      if (count > 0) this.#addTo(other.#first + i, count)
    }
  }

  /** By nearest rank, in nanoseconds; 0 of nothing. */
  quantile(q: number): number {
    let rank = Math.max(1, Math.ceil(this.#total * q)) - this.#zeros
    if (rank <= 0) return 0
    for (const [i, count] of this.#counts.entries()) {
      rank -= count
      // The middle of the bucket, as far from its lower bound as from its upper one.
      if (rank <= 0) return Math.exp((this.#first + i) * this.#logGamma) * (1 - this.#error)
    }
    return 0
  }

  #addTo(bucket: number, count: number): void {
    const { length } = this.#counts
    if (length === 0) this.#first = bucket
    if (bucket < this.#first || bucket >= this.#first + length) this.#reach(bucket)
    this.#counts[bucket - this.#first]! += count
  }

  /** Makes room for a bucket, and for some beyond it. */
  #reach(bucket: number): void {
    const { length } = this.#counts
    const spare = Math.max(8, length >>> 2)
    const first = bucket < this.#first ? bucket - spare : this.#first
    const end = Math.max(this.#first + length, bucket < this.#first ? 0 : bucket + spare)
    const counts = new Uint32Array(Math.max(end, this.#first + length) - first)
    counts.set(this.#counts, this.#first - first)
    this.#counts = counts
    this.#first = first
  }
}
