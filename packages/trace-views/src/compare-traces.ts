import type { TraceNode, TraceTree } from '@pingtrace/trace-tree'
import { pathKey } from './call-paths.ts'
import { durationOf, selfTimeOf } from './self-time.ts'

/**
 * What became of a span: whether the other trace has one in its place, and if so, whether that took
 * longer or shorter by more than what is noise.
 */
export type Change = 'same' | 'added' | 'removed' | 'slower' | 'faster'

/**
 * Two runs of the same code never take the same time. Of two traces alone nobody can tell how far
 * apart they lie by chance, so a difference counts only when it is both: a fifth of the time before,
 * and a millisecond.
 */
export const noise = { percent: 20n, nanos: 1_000_000n }

/** A span of either trace, or a pair of one of each. Times are nanoseconds. */
export interface ComparedSpan {
  /** Unique among them. */
  id: string
  /** In the trace that is compared with; undefined for what was added. */
  before: TraceNode | undefined
  /** In the trace that is looked at; undefined for what was removed. */
  after: TraceNode | undefined
  change: Change
  /** After less before; of a pair alone. */
  difference: bigint | undefined
  /** The same of their self times: a span is slower too when what it calls is. */
  selfDifference: bigint | undefined
  /** Which of a pair failed, where not both or none did. */
  failure: 'new' | 'gone' | undefined
  depth: number
  children: ComparedSpan[]
}

export interface Comparison {
  roots: ComparedSpan[]
  /** How many spans changed in each way. */
  counts: Record<Change, number>
  newFailures: number
  goneFailures: number
}

/**
 * Compares two traces by their structure. Under a pair, spans of the same service and name are pairs
 * in the order of their starts: the first with the first. What is left over was added or removed,
 * with all below it. The first roots are a pair whatever their names are.
 */
export function compareTraces(before: TraceTree, after: TraceTree): Comparison {
  const comparison: Comparison = {
    roots: pair(before.roots, after.roots, 0),
    counts: { same: 0, added: 0, removed: 0, slower: 0, faster: 0 },
    newFailures: 0,
    goneFailures: 0,
  }
  // Grows while it is walked: nothing recurses.
  const all = [...comparison.roots]
  for (const compared of all) {
    comparison.counts[compared.change]++
    if (compared.failure === 'new') comparison.newFailures++
    if (compared.failure === 'gone') comparison.goneFailures++
    compared.children = pair(
      compared.before?.children ?? [],
      compared.after?.children ?? [],
      compared.depth + 1,
    )
    for (const child of compared.children) all.push(child)
  }
  return comparison
}

/** In the order of the trace that is looked at; what was removed stands where it stood before. */
function pair(before: readonly TraceNode[], after: readonly TraceNode[], depth: number) {
  const partners = partnersOf(before, after)
  if (depth === 0 && partners.size === 0 && before.length > 0 && after.length > 0) {
    partners.set(after[0]!, before[0]!)
  }
  const paired = new Set(partners.values())
  const placeOf = new Map(before.map((node, place) => [node, place]))
  const list: ComparedSpan[] = []
  let next = 0
  const removedBefore = (end: number): void => {
    for (; next < end; next++) {
      if (!paired.has(before[next]!)) list.push(compare(before[next], undefined, depth))
    }
  }
  for (const node of after) {
    const partner = partners.get(node)
    if (partner !== undefined) removedBefore(placeOf.get(partner)!)
    list.push(compare(partner, node, depth))
  }
  removedBefore(before.length)
  return list
}

/** The nodes of `after` that have one in `before`, each with its own. */
function partnersOf(before: readonly TraceNode[], after: readonly TraceNode[]) {
  const waiting = new Map<string, TraceNode[]>()
  // Last first, so that the first is at the end.
  for (const node of before.toReversed()) {
    const key = pathKey(node)
    const list = waiting.get(key)
    if (list === undefined) waiting.set(key, [node])
    else list.push(node)
  }
  const partners = new Map<TraceNode, TraceNode>()
  for (const node of after) {
    const partner = waiting.get(pathKey(node))?.pop()
    if (partner !== undefined) partners.set(node, partner)
  }
  return partners
}

function compare(
  before: TraceNode | undefined,
  after: TraceNode | undefined,
  depth: number,
): ComparedSpan {
  const isPair = before !== undefined && after !== undefined
  const difference = isPair ? durationOf(after) - durationOf(before) : undefined
  return {
    id: after === undefined ? `-${before!.id}` : after.id,
    before,
    after,
    change: isPair ? changeOf(before, difference!) : after === undefined ? 'removed' : 'added',
    difference,
    selfDifference: isPair ? selfTimeOf(after) - selfTimeOf(before) : undefined,
    failure:
      isPair && failed(before) !== failed(after) ? (failed(after) ? 'new' : 'gone') : undefined,
    depth,
    children: [],
  }
}

function changeOf(before: TraceNode, difference: bigint): Change {
  const size = difference < 0n ? -difference : difference
  if (size < noise.nanos || size * 100n < durationOf(before) * noise.percent) return 'same'
  return difference > 0n ? 'slower' : 'faster'
}

function failed({ span }: TraceNode): boolean {
  return span?.status.code === 'error'
}
