import type { TimeSteps } from '@pingtrace/otlp'

/** Steps are a second long, or that doubled until no more of them than this are in use. */
const maxSteps = 64
/** So many spans of a thousand may be left out of the time, at each end. */
const strayPerMille = 5

/**
 * Cuts time into steps of one length that suits all that was added, whatever its order: steps that
 * nothing is in cost nothing, so that a clock that is years off makes no step longer.
 */
export class TimeScale {
  /** A step is 2 to this power seconds. */
  exponent = 0
  /** How many were added, by step. */
  #counts = new Map<number, number>()
  #total = 0

  get stepMs(): number {
    return 1_000 * 2 ** this.exponent
  }

  /** Notes something at a time, in milliseconds since the Unix epoch, and answers its step. */
  add(millis: number): number {
    const step = Math.floor(millis / this.stepMs)
    this.#counts.set(step, (this.#counts.get(step) ?? 0) + 1)
    this.#total++
    if (this.#counts.size <= maxSteps) return step
    this.#widen()
    return Math.floor(millis / this.stepMs)
  }

  /**
   * The time that the steps cover, which widens them further if they would be too many.
   * @param start, end in milliseconds, where somebody asked for them
   */
  cover(start: number | undefined, end: number | undefined): TimeSteps {
    for (;;) {
      const { stepMs } = this
      const used = [...this.#counts].sort(([a], [b]) => a - b)
      const first = this.#stepAfterStrays(used)
      const last = this.#stepAfterStrays(used.toReversed())
      const from = start === undefined ? first * stepMs : Math.floor(start / stepMs) * stepMs
      const to = end === undefined ? (last + 1) * stepMs : Math.ceil(end / stepMs) * stepMs
      if (to - from <= maxSteps * stepMs) return { from, to: Math.max(to, from), stepMs }
      this.#widen()
    }
  }

  #stepAfterStrays(used: [step: number, count: number][]): number {
    let strays = (this.#total * strayPerMille) / 1_000
    for (const [step, count] of used) {
      strays -= count
      if (strays < 0) return step
    }
    return 0
  }

  #widen(): void {
    while (true) {
      this.exponent++
      const counts = new Map<number, number>()
      for (const [step, count] of this.#counts) {
        const half = Math.floor(step / 2)
        counts.set(half, (counts.get(half) ?? 0) + count)
      }
      this.#counts = counts
      if (counts.size <= maxSteps) return
    }
  }
}
