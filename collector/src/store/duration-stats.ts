import type { DurationStats } from '@pingtrace/otlp'
import { DurationSketch } from './duration-sketch.ts'

/** Counts spans or calls, those that failed, and how long they took. */
export class DurationTally {
  #errors = 0
  readonly #sketch = new DurationSketch(0.01)

  /** @param nanos negative ones count as 0 */
  add(nanos: number, isError: boolean): void {
    this.#sketch.add(nanos)
    if (isError) this.#errors++
  }

  stats(): DurationStats {
    const nano = (q: number): number => Math.round(this.#sketch.quantile(q))
    return {
      count: this.#sketch.count,
      errorCount: this.#errors,
      p50Nano: nano(0.5),
      p95Nano: nano(0.95),
      p99Nano: nano(0.99),
    }
  }
}
