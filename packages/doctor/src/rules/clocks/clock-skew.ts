import {
  type ClockPair,
  clockGrain,
  clockPairs,
  isBrowser,
  ms,
  pathOf,
  statusOf,
} from '@pingtrace/trace-facts'
import { type Finding, makeFinding } from '../../finding.ts'
import { duration, moment, momentFrom, shown } from '../../report-text.ts'
import type { Rule } from '../../rule.ts'

/** From here on nobody's times are of use side by side. */
const large = ms(1_000)

/**
 * One process's clock is ahead of another's by more than the network leaves room for: what their
 * calls prove together (`provenOffset` in @pingtrace/trace-facts).
 */
export const clockSkew: Rule = (subject) =>
  clockPairs(subject.nodes).flatMap((pair) => {
    const { atLeast, atMost } = pair.proven
    // Bounds that exclude each other are no offset: a clock that was set meanwhile, or two hosts
    // that count as one.
    if (atLeast > atMost) return []
    const isAhead = atLeast > clockGrain
    return isAhead || atMost < -clockGrain ? [skewFinding(pair, isAhead)] : []
  })

function skewFinding({ edges, proven }: ClockPair, isAhead: boolean): Finding {
  const { atLeast, atMost } = proven
  const { parent, child } = edges[0]!
  const isBounded = atLeast > -(2n ** 62n)
  const atLeastApart = isAhead ? atLeast : -atMost
  const middle = (atLeast + atMost) / 2n
  const behind = isAhead ? parent : child
  const slept = isBrowser(behind) && atLeastApart > large
  // What began before it was sent admits no other reading. What began after the answer may be work
  // that the answer did not wait for, unless it gave that answer.
  const isCertain = !isAhead || edges.every(isItsAnswer)
  const way = isAhead ? 'ahead of' : 'behind'
  return makeFinding('clock-skew', {
    span: child,
    candidates: [parent],
    severity: atLeastApart > ms(10) ? 'warning' : 'info',
    certainty: isCertain ? 'certain' : 'likely',
    problem: `The clock of ${shown(child.service)} is ${way} that of ${shown(parent.service)} by at least ${duration(atLeastApart)}.`,
    evidence: {
      'parent began': moment(parent.start),
      'child began': momentFrom(parent.start, child.start),
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

/** The only SERVER span of the call, with its status and path, and no longer than it. */
function isItsAnswer({ parent, child, children }: ClockPair['edges'][number]): boolean {
  const status = statusOf(parent)
  return (
    children === 1 &&
    status !== undefined &&
    status === statusOf(child) &&
    pathOf(parent) === pathOf(child) &&
    child.end - child.start <= parent.end - parent.start
  )
}
