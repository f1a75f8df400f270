import type { Span } from '@pingtrace/otlp'
import {
  compare,
  type Edge,
  edgesOf,
  isBrowser,
  isDated,
  isLocal,
  max,
  ms,
  type SpanNode,
} from '@pingtrace/trace-facts'
import { nameOf } from '../../calls/describe-call.ts'
import { type Finding, makeFinding } from '../../finding.ts'
import { duration, moment, momentFrom } from '../../report-text.ts'
import type { Rule } from '../../rule.ts'

/** From here on it is no longer a matter of how a clock is rounded. */
export const jump = ms(1_000)
const grain = ms(2)

const cause =
  'The clock was set while the span was running, or one of its times came from a clock that stands still while the computer sleeps (performance.now(), performance.timeOrigin).'
const mend =
  'Take all times of an operation from one anchor: Date.now() and performance.now(), read together when it starts. Pass explicit start and end times, and times of events.'

/** A clock was set, or stood still, in the middle of a process's work. */
export const clockJump: Rule = (subject) => [
  ...subject.nodes.flatMap(({ span }) => [...reversed(span), ...strayEvents(span)]),
  ...edgesOf(subject.nodes).filter(isLocal).flatMap(leapAtStart),
  ...sleeps(subject.nodes),
]

/** Nobody waits this long for a page; what is kept for later has a trace of its own. */
const asleep = ms(600_000)

function reversed(span: Span): Finding[] {
  if (span.end === 0n || span.end >= span.start) return []
  return [
    makeFinding('clock-jump', {
      span,
      severity: 'warning',
      certainty: 'certain',
      problem: `${nameOf(span)} ends ${duration(span.start - span.end)} before it starts.`,
      evidence: { start: moment(span.start), end: momentFrom(span.start, span.end) },
      cause,
      mend,
    }),
  ]
}

/** Events are dated by the span's clock; those of a page sometimes by another. */
function strayEvents(span: Span): Finding[] {
  if (!isDated(span)) return []
  const distance = (time: bigint) => (time < span.start ? span.start - time : time - span.end)
  const stray = span.events
    .filter(({ time }) => time !== 0n && distance(time) > (isBrowser(span) ? grain : jump))
    .sort((a, b) => compare(distance(b.time), distance(a.time)))
  const [furthest] = stray
  if (furthest === undefined) return []
  return [
    makeFinding('clock-jump', {
      span,
      severity: 'info',
      certainty: 'likely',
      problem: `${stray.length === 1 ? 'An event' : `${stray.length} events`} of ${nameOf(span)} ${stray.length === 1 ? 'is' : 'are'} dated up to ${duration(distance(furthest.time))} outside of it.`,
      evidence: {
        event: furthest.name,
        start: moment(span.start),
        end: momentFrom(span.start, span.end),
        time: momentFrom(span.start, furthest.time),
      },
      cause,
      mend,
    }),
  ]
}

function leapAtStart({ parent, child }: Edge): Finding[] {
  if (parent.start - child.start < jump) return []
  return [
    makeFinding('clock-jump', {
      span: child,
      candidates: [parent],
      severity: 'warning',
      certainty: 'likely',
      problem: `${nameOf(child)} starts ${duration(parent.start - child.start)} before its parent ${nameOf(parent)}, in the same process.`,
      evidence: {
        'parent began': moment(parent.start),
        'child began': momentFrom(parent.start, child.start),
      },
      cause,
      mend,
    }),
  ]
}

/**
 * A page's trace goes on long after everything in it was over. Its spans end by a clock that stands
 * still in sleep and begin by one that does not, so that the sleep shows as a gap below a parent that
 * seems to be over.
 */
function sleeps(nodes: readonly SpanNode[]): Finding[] {
  return nodes.flatMap(({ span: parent, children }) => {
    if (!isBrowser(parent) || !isDated(parent)) return []
    const inPage = children
      .flatMap(({ span }) => (span && isDated(span) && isLocalChild(parent, span) ? [span] : []))
      .sort((a, b) => compare(a.start, b.start))
    let last = parent.end
    for (const child of inPage) {
      if (child.start - last >= asleep) return [sleepFinding(parent, child, last)]
      last = max(last, child.end)
    }
    return []
  })
}

function isLocalChild(parent: Span, child: Span): boolean {
  return isLocal({ parent, child, children: 1 })
}

function sleepFinding(parent: Span, child: Span, last: bigint): Finding {
  return makeFinding('clock-jump', {
    span: child,
    candidates: [parent],
    severity: 'warning',
    certainty: 'likely',
    problem: `${nameOf(child)} starts ${duration(child.start - last)} after all else below ${nameOf(parent)} was over, in the same page.`,
    evidence: {
      'parent lasted': duration(parent.end - parent.start),
      'nothing ran for': duration(child.start - last),
    },
    cause:
      'The computer slept while the operation ran: the parent’s end comes from a clock that stands still meanwhile (performance.now()). Or work was begun much later in a context that had been kept.',
    mend,
  })
}
