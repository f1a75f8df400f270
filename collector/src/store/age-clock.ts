/** What is no leap: the system's small corrections, and a process that waited for its turn. */
const toleranceMs = 60_000
/** How long a leap has to last until ages are counted by it. */
const trustedAfterMs = 3_600_000

/**
 * The time by which spans grow old: the wall clock's, but for a leap ahead, which is believed only
 * when it has lasted for an hour. A clock that is years off for a moment (a machine without a battery,
 * a slip of `date`, a time server that is wrong) would otherwise cost everything that is stored. A
 * machine that slept leaps as well, and drops what grew old meanwhile an hour late.
 */
export class AgeClock {
  #wall = Date.now()
  #steady = performance.now()
  #leaptAt: number | undefined

  /** Milliseconds since the Unix epoch. */
  now(): number {
    const wall = Date.now()
    const steady = performance.now()
    const expected = this.#wall + (steady - this.#steady)
    if (wall - expected > toleranceMs) {
      this.#leaptAt ??= steady
      if (steady - this.#leaptAt < trustedAfterMs) return expected
    }
    this.#leaptAt = undefined
    this.#wall = wall
    this.#steady = steady
    return wall
  }
}
