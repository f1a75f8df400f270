import type { Span } from '@pingtrace/otlp'
import type { TraceTree } from '@pingtrace/trace-tree'
import { type ClockPair, clockPairs, skewOf } from './clock-pairs.ts'
import { type SpanNode, spanNodes } from './edges.ts'
import { isBrowser, processOf } from './span-facts.ts'

/** What the calls of a trace tell of one process's clock. */
export interface ProcessClock {
  /** Names the process: `processOf`. */
  process: string
  service: string
  isBrowser: boolean
  /**
   * - `reference`: the clock that the others are compared with
   * - `agrees`: no difference that could be seen
   * - `skewed`: it differs
   * - `unsteady`: its calls contradict each other, so it was set meanwhile, or is two clocks
   * - `apart`: no call connects it with the reference
   */
  state: 'reference' | 'agrees' | 'skewed' | 'unsteady' | 'apart'
  /** Its clock minus the reference, nanoseconds; 0 unless it is skewed. */
  offset: bigint
  /** The offset is off by at most this, nanoseconds; undefined where it may be any further. */
  error: bigint | undefined
}

/** The clocks of a trace's processes, in the order in which the tree first mentions them. */
export interface TraceClocks {
  reference: ProcessClock | undefined
  clocks: ProcessClock[]
  /** Those that differ from the reference. */
  skewed: ProcessClock[]
}

/**
 * Compares the clocks of a trace's processes by the calls between them. The reference is the first
 * process that is not a browser, where there is one: visitors' clocks are the ones that are wrong.
 */
export function measureClocks(tree: TraceTree): TraceClocks {
  const nodes = spanNodes(tree)
  const clocks = processesOf(nodes)
  const pairs = clockPairs(nodes).filter(({ from, to }) => from !== to)
  const reference = [...clocks.values()].find(({ isBrowser }) => !isBrowser) ?? first(clocks)
  if (reference !== undefined) {
    reference.state = 'reference'
    follow(pairs, clocks, reference)
  }
  const all = [...clocks.values()]
  return { reference, clocks: all, skewed: all.filter(({ state }) => state === 'skewed') }
}

function processesOf(nodes: readonly SpanNode[]): Map<string, ProcessClock> {
  const clocks = new Map<string, ProcessClock>()
  for (const { span } of nodes) {
    const process = processOf(span)
    if (!clocks.has(process)) clocks.set(process, newClock(process, span))
  }
  return clocks
}

function newClock(process: string, span: Span): ProcessClock {
  return {
    process,
    service: span.service,
    isBrowser: isBrowser(span),
    state: 'apart',
    offset: 0n,
    error: 0n,
  }
}

/** From the reference outwards, the shortest way first; offsets add up on the way, errors too. */
function follow(
  pairs: readonly ClockPair[],
  clocks: Map<string, ProcessClock>,
  reference: ProcessClock,
): void {
  const pairsOf = new Map<string, ClockPair[]>()
  for (const pair of pairs) {
    for (const process of [pair.from, pair.to]) {
      const known = pairsOf.get(process)
      if (known === undefined) pairsOf.set(process, [pair])
      else known.push(pair)
    }
  }
  const reached = [reference]
  // The list grows while it is walked.
  for (const clock of reached) {
    for (const pair of pairsOf.get(clock.process) ?? []) {
      const isForth = pair.from === clock.process
      const next = clocks.get(isForth ? pair.to : pair.from)!
      if (next.state !== 'apart') continue
      // Beyond a clock that cannot be told, nothing can be told either.
      if (settle(next, clock, pair, isForth)) reached.push(next)
    }
  }
}

/** @returns whether the clock can be told */
function settle(
  next: ProcessClock,
  known: ProcessClock,
  pair: ClockPair,
  isForth: boolean,
): boolean {
  const skew = skewOf(pair)
  if (skew.state === 'unsteady') {
    next.state = 'unsteady'
    return false
  }
  const { offset, error } = skew
  next.offset = known.offset + (isForth ? offset : -offset)
  next.error = known.error === undefined || error === undefined ? undefined : known.error + error
  next.state = next.offset === 0n ? 'agrees' : 'skewed'
  return true
}

function first<K, V>(map: Map<K, V>): V | undefined {
  return map.values().next().value
}
