import type { Span } from '@pingtrace/otlp'
import { max, min } from './bigints.ts'
import { isAnswered, isAsynchronous } from './calls.ts'
import type { Edge } from './edges.ts'
import { statusOf, text } from './span-facts.ts'

/** A child's clock minus its parent's, in nanoseconds: between these two. */
export interface Offset {
  atLeast: bigint
  atMost: bigint
}

/** What stands for "no bound": further away than any two 64-bit times. */
export const unbounded = 2n ** 65n

export const noBounds: Offset = { atLeast: -unbounded, atMost: unbounded }

/**
 * What one call proves of two clocks: a request cannot be received before it was sent, nor after the
 * answer to it has begun. The end of the SERVER span proves nothing: many end after the answer was
 * read. Nor do other spans with a remote parent: a page that continues its server's trace
 * (documentLoad) has begun before that.
 */
export function provenOffset({ parent, child, children }: Edge): Offset {
  if (!isReceipt(child)) return noBounds
  // Redirects and retries make several SERVER spans of one call; its network times are of the last.
  const times = children === 1 ? networkTimes(parent) : undefined
  return {
    atLeast: isAnsweredCall(parent, child)
      ? child.start - (times?.answered ?? parent.end)
      : -unbounded,
    atMost: child.start - (times?.sent ?? parent.start),
  }
}

/** Whether the span began when what its parent has sent was there: others wait before it comes. */
function isReceipt(child: Span): boolean {
  if (child.kind === 'server') return true
  const operation = text(child, 'messaging.operation.type', 'messaging.operation') ?? 'process'
  return child.kind === 'consumer' && !/^(receive|poll)$/.test(operation)
}

/**
 * What follows if the SERVER span also ended before the answer was there, as most do: the middle of
 * the bounds has the child in the middle of its parent, and they are (parent's duration - child's) / 2
 * away from it. This is Jaeger's rule for clock skew (`clockskew.go`), with its error.
 * @returns undefined where the child does not fit into its parent, or nobody waited for it
 */
export function likelyOffset({ parent, child, children }: Edge): Offset | undefined {
  if (!isAnsweredCall(parent, child)) return undefined
  const times = children === 1 ? networkTimes(parent) : undefined
  const narrow = times && within(child, times.sent, times.received)
  return narrow ?? within(child, parent.start, parent.end)
}

function within(child: Span, start: bigint, end: bigint): Offset | undefined {
  const offset = { atLeast: child.end - end, atMost: child.start - start }
  return offset.atLeast > offset.atMost ? undefined : offset
}

/** A message may lie in a queue for ever, and a call nobody waited for goes on by itself. */
export function isAnsweredCall(parent: Span, child: Span): boolean {
  if (parent.kind !== 'client' || child.kind !== 'server') return false
  if (isAsynchronous(parent, child)) return false
  return statusOf(parent) !== undefined || isAnswered(parent)
}

/** What a browser tells of the request itself (Resource Timing, as events of the span). */
function networkTimes({ events, end }: Span) {
  const time = (name: string) => events.find((event) => event.name === name)?.time
  const sent = time('requestStart')
  const answered = time('responseStart')
  if (sent === undefined || answered === undefined || answered < sent) return undefined
  return { sent, answered, received: max(time('responseEnd') ?? end, answered) }
}

/** What both say together; `atLeast` is above `atMost` where they exclude each other. */
export function both(a: Offset, b: Offset): Offset {
  return { atLeast: max(a.atLeast, b.atLeast), atMost: min(a.atMost, b.atMost) }
}

export function isPossible({ atLeast, atMost }: Offset): boolean {
  return atLeast <= atMost
}

/** The same, seen from the other clock. */
export function reversed({ atLeast, atMost }: Offset): Offset {
  return { atLeast: -atMost, atMost: -atLeast }
}

/** Whether the clocks differ, by more than `grain` nanoseconds. */
export function excludesZero({ atLeast, atMost }: Offset, grain: bigint): boolean {
  return atLeast > grain || atMost < -grain
}
