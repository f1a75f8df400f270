import { max } from './bigints.ts'
import {
  both,
  excludesZero,
  isPossible,
  likelyOffset,
  noBounds,
  type Offset,
  provenOffset,
  reversed,
  unbounded,
} from './call-offset.ts'
import { type Edge, edgesOf, isLocal, isRemoteEntry, type SpanNode } from './edges.ts'
import { ms, processOf } from './span-facts.ts'

/** Both sides may say whole milliseconds only; less than this apart is no skew that can be seen. */
export const clockGrain = ms(2)

/** Two processes, of which one called the other at least once. */
export interface ClockPair {
  from: string
  to: string
  edges: Edge[]
  /** What all calls prove together of the clock of `to` minus that of `from`. */
  proven: Offset
  /** What those of them that fit make likely; it may contradict itself. */
  likely: Offset
}

/**
 * What the calls between processes tell of their clocks, each pair in the direction of its first
 * call. All calls between two processes have one offset, if neither clock was set meanwhile.
 */
export function clockPairs(nodes: readonly SpanNode[]): ClockPair[] {
  const pairs = new Map<string, ClockPair>()
  for (const edge of edgesOf(nodes)) {
    if (!isRemoteEntry(edge.child) || isLocal(edge)) continue
    const [from, to] = [processOf(edge.parent), processOf(edge.child)]
    const proven = provenOffset(edge)
    const likely = likelyOffset(edge) ?? noBounds
    const back = pairs.get(key(to, from))
    if (from !== to && back !== undefined) add(back, edge, reversed(proven), reversed(likely))
    else {
      const pair = pairs.get(key(from, to)) ?? newPair(from, to)
      pairs.set(key(from, to), pair)
      add(pair, edge, proven, likely)
    }
  }
  return [...pairs.values()]
}

function key(from: string, to: string): string {
  return `${from} > ${to}`
}

function newPair(from: string, to: string): ClockPair {
  return { from, to, edges: [], proven: noBounds, likely: noBounds }
}

function add(pair: ClockPair, edge: Edge, proven: Offset, likely: Offset): void {
  pair.edges.push(edge)
  pair.proven = both(pair.proven, proven)
  pair.likely = both(pair.likely, likely)
}

/** How the clocks of two processes differ. */
export interface Skew {
  /**
   * - `none`: they show the same time, as far as can be seen
   * - `proven`: they differ, and nothing else explains it
   * - `unsteady`: the calls exclude each other: a clock was set, or two hosts count as one
   */
  state: 'none' | 'proven' | 'unsteady'
  /** The clock of `to` minus that of `from`, nanoseconds; 0 unless they differ. */
  offset: bigint
  /** It is off by at most this; undefined where it may be any further. */
  error: bigint | undefined
}

/**
 * Only what is proven counts as a difference: a SERVER span that lasts beyond its call is just as often
 * one that ended late, in a process that is busy. But where there is a difference, the likely bounds
 * are the better ones to say how large it is.
 */
export function skewOf({ proven, likely }: ClockPair): Skew {
  if (!isPossible(proven)) return { state: 'unsteady', offset: 0n, error: undefined }
  const together = both(proven, likely)
  const fits = isBounded(likely) && isPossible(together)
  const { atLeast, atMost } = fits ? together : proven
  const isKnown = isBounded({ atLeast, atMost })
  if (!excludesZero(proven, clockGrain)) {
    return { state: 'none', offset: 0n, error: isKnown ? max(-atLeast, atMost) : undefined }
  }
  if (fits) {
    const error = (atMost - atLeast + 1n) / 2n
    return { state: 'proven', offset: atLeast + error, error }
  }
  // The child is longer than its parent, or nobody waited for it: both start together then.
  return { state: 'proven', offset: atMost, error: isKnown ? atMost - atLeast : undefined }
}

function isBounded({ atLeast, atMost }: Offset): boolean {
  return atLeast > -unbounded / 2n && atMost < unbounded / 2n
}
