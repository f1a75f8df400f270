/**
 * Whether a trace is all there:
 *
 * - `exact`: every process that takes part has told what became of each of its spans, and all of them
 *   are here. Nothing of what had begun is missing.
 * - `visible`: nothing is seen to be missing, and `because` says who has not told; a leaf that was
 *   dropped, or is late, cannot be seen by anybody.
 * - `incomplete`: something is known to be missing.
 */
export type Verdict =
  | { kind: 'exact' }
  | { kind: 'visible'; because: string }
  | { kind: 'incomplete'; missing: string[] }

/** In words, as reports and waterfalls show it. */
export function describeVerdict(verdict: Verdict): string {
  if (verdict.kind === 'exact') return 'complete'
  if (verdict.kind === 'visible') return `complete as far as visible: ${verdict.because}`
  return `INCOMPLETE: ${verdict.missing.join('; ')}`
}
