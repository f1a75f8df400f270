/** How a failed request is tried again; the names are the official Collector's. */
export interface RetrySettings {
  /** False: what fails once is dropped. */
  enabled: boolean
  initialIntervalMs: number
  maxIntervalMs: number
  multiplier: number
  /** Each pause is longer or shorter by up to this part, so that senders do not come in step. */
  randomizationFactor: number
  /** After which a request is dropped; 0: never. */
  maxElapsedTimeMs: number
}

/**
 * Sooner and more patient than the official Collector (5 s, 30 s, dropped after 5 min): the target
 * is often a program that is just being restarted, and what waits is on disk and costs nothing.
 */
export const defaultRetry: RetrySettings = {
  enabled: true,
  initialIntervalMs: 200,
  maxIntervalMs: 10_000,
  multiplier: 2,
  randomizationFactor: 0.5,
  maxElapsedTimeMs: 0,
}

/** The pauses between the attempts to send one request. */
export class Backoff {
  readonly #settings: RetrySettings
  #interval: number
  #since = 0

  constructor(settings: RetrySettings) {
    this.#settings = settings
    this.#interval = settings.initialIntervalMs
  }

  reset(): void {
    this.#interval = this.#settings.initialIntervalMs
    this.#since = 0
  }

  /** Milliseconds to wait after one more failure; undefined when it is to be given up. */
  next(): number | undefined {
    const { enabled, maxIntervalMs, multiplier, maxElapsedTimeMs } = this.#settings
    const now = performance.now()
    if (this.#since === 0) this.#since = now
    const isOver = maxElapsedTimeMs > 0 && now - this.#since >= maxElapsedTimeMs
    if (!enabled || isOver) return undefined
    const spread = this.#settings.randomizationFactor * (2 * Math.random() - 1)
    const interval = this.#interval * (1 + spread)
    this.#interval = Math.min(maxIntervalMs, this.#interval * multiplier)
    return Math.min(interval, maxIntervalMs)
  }
}
