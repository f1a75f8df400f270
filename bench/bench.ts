/** A line of the table at the end, which is all that the README may quote. */
export interface Figure {
  what: string
  /** With its unit. */
  value: string
  /** In a few words, so that nobody takes it for more than it is. */
  how: string
}

/** What each `bench/*.bench.ts` exports; scripts/bench.ts runs them in turn. */
export interface Bench {
  name: string
  /** @param figure may be left out by a bench that has nothing for the table */
  run(print: (line: string) => void, figure: (figure: Figure) => void): Promise<void>
}

/** BENCH_QUICK=1 makes short runs, to see that everything works; their figures mean little. */
export const quick = process.env.BENCH_QUICK === '1'

/** The nearest-rank quantile; NaN when there are no values. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? Number.NaN
}
