import type { TraceTree } from '@pingtrace/trace-tree'
import { isAnswered, isOpenCall, isUntraced } from './calls.ts'
import { spanNodes } from './edges.ts'
import { indexServices } from './known-services.ts'
import { pathOf } from './span-facts.ts'

/**
 * Milliseconds after the last arrival in which a span may still come: twice the delay at which the
 * SDKs' batch processors export by default. What is not there after that is missing.
 */
export const arrivalWindowMs = 10_000

/** Whether all of a trace is there, as far as its own spans tell. */
export interface Completeness {
  /**
   * - `waiting`: something is not there, and may be under way
   * - `incomplete`: something is not there, and has had the time to come
   * - `complete`: nothing is known to be missing. No receiver can know more: a span without
   *   children that was lost leaves no trace of itself
   */
  state: 'waiting' | 'incomplete' | 'complete'
  /** Parents that children name. */
  missingParents: number
  /** Answered calls to services that took up another such call of this trace. */
  missingServers: number
  /** Other answered calls of which no SERVER span came: none may have been recorded. */
  unseenServers: number
}

/**
 * @param isQuiet nothing has arrived for so long that what is not there can be called missing
 */
export function completenessOf(tree: TraceTree, isQuiet: boolean): Completeness {
  const nodes = spanNodes(tree)
  const { awaited } = indexServices(nodes.map(({ span }) => span))
  const open = nodes
    .filter((node) => isOpenCall(node) && isAnswered(node.span) && !isUntraced(pathOf(node.span)))
    .map(({ span }) => awaited(span))
  const { missingParents } = tree
  const missingServers = open.filter((service) => service !== undefined).length
  const isMissing = missingParents + missingServers > 0
  return {
    state: !isMissing ? 'complete' : isQuiet ? 'incomplete' : 'waiting',
    missingParents,
    missingServers,
    unseenServers: open.length - missingServers,
  }
}
