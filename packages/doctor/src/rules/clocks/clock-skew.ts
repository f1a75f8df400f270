import type { Span } from '@pingtrace/otlp'
import { max, min } from '../../bigints.ts'
import { type Finding, makeFinding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import { duration, isBrowser, ms, processOf, shown, statusOf } from '../../span-facts.ts'
import {
  type Edge,
  edgesOf,
  isLocal,
  isRemoteEntry,
  type TraceSubject,
} from '../../trace-subject.ts'

/** Both sides may say whole milliseconds only; less than this apart is no skew that can be seen. */
const grain = ms(2)
/** From here on nobody's times are of use side by side. */
const large = ms(1_000)

/** The child's clock minus the parent's, in nanoseconds: between these two. */
interface Offset {
  atLeast: bigint
  atMost: bigint
}

/**
 * One process's clock is ahead of another's by more than the network leaves room for.
 *
 * A request cannot be received before it was sent, nor after the answer to it has begun: of each
 * call, the offset of the clocks is between those two bounds, and all calls between two processes
 * have one offset. The ends of SERVER spans tell nothing: many end after the answer was read.
 */
export const clockSkew: Rule = (subject) => {
  const pairs = new Map<string, { edges: Edge[]; offset: Offset }>()
  for (const edge of remoteEdges(subject)) {
    const key = `${processOf(edge.parent)} > ${processOf(edge.child)}`
    const offset = offsetOf(edge)
    const pair = pairs.get(key)
    if (pair === undefined) pairs.set(key, { edges: [edge], offset })
    else {
      pair.edges.push(edge)
      pair.offset = {
        atLeast: max(pair.offset.atLeast, offset.atLeast),
        atMost: min(pair.offset.atMost, offset.atMost),
      }
    }
  }
  return [...pairs.values()].flatMap(({ edges, offset }) => {
    // Bounds that exclude each other are no offset: a clock that was set meanwhile, or two hosts
    // that count as one.
    if (offset.atLeast > offset.atMost) return []
    const isAhead = offset.atLeast > grain
    return isAhead || offset.atMost < -grain ? [skewFinding(edges, offset, isAhead)] : []
  })
}

function remoteEdges(subject: TraceSubject): Edge[] {
  return edgesOf(subject).filter((edge) => isRemoteEntry(edge.child) && !isLocal(edge))
}

function offsetOf({ parent, child, children }: Edge): Offset {
  const isCall = parent.kind === 'client' && child.kind === 'server'
  // A message may lie in a queue for ever, and a call nobody waited for goes on by itself.
  const isAnswered = isCall && statusOf(parent) !== undefined
  // Redirects and retries make several SERVER spans of one call; its network times are of the last.
  const [sent, answered] = children === 1 ? networkTimes(parent) : []
  const end = isAnswered ? child.start - (answered ?? parent.end) : undefined
  return {
    atMost: child.start - (sent ?? parent.start),
    atLeast: end ?? -(2n ** 63n),
  }
}

/** What a browser tells of the request itself: between these the server began. */
function networkTimes({ events }: Span): [sent?: bigint, answered?: bigint] {
  const time = (name: string) => events.find((event) => event.name === name)?.time
  const [sent, answered] = [time('requestStart'), time('responseStart')]
  return sent === undefined || answered === undefined || answered < sent ? [] : [sent, answered]
}

function skewFinding(edges: Edge[], { atLeast, atMost }: Offset, isAhead: boolean): Finding {
  const { parent, child } = edges[0]!
  const isBounded = atLeast > -(2n ** 62n)
  const atLeastApart = isAhead ? atLeast : -atMost
  const middle = (atLeast + atMost) / 2n
  const behind = isAhead ? parent : child
  const slept = isBrowser(behind) && atLeastApart > large
  const way = isAhead ? 'ahead of' : 'behind'
  return makeFinding('clock-skew', {
    span: child,
    candidates: [parent],
    severity: atLeastApart > ms(10) ? 'warning' : 'info',
    certainty: 'certain',
    problem: `The clock of ${shown(child.service)} is ${way} that of ${shown(parent.service)} by at least ${duration(atLeastApart)}.`,
    evidence: {
      'parent began': `${parent.start}`,
      'child began': `${child.start}`,
      ...(isBounded
        ? { offset: duration(middle), 'off by at most': duration((atMost - atLeast) / 2n) }
        : { 'offset at most': duration(atMost) }),
      calls: String(edges.length),
    },
    cause: slept
      ? 'The page took its times from performance.timeOrigin, which stands still while a laptop sleeps; or the computer’s clock is wrong.'
      : 'The clocks of the two hosts are not synchronised, or a page’s computer has the wrong time.',
    mend: slept
      ? 'Anchor the times of each operation on Date.now(), read when it starts; do not use core.hrTime() or timeOrigin for absolute times.'
      : 'Synchronise the hosts’ clocks (NTP). A visitor’s clock cannot be mended: show the trace with its times adjusted by the offset.',
  })
}
