import type { Span } from '@pingtrace/otlp'
import { arrivalWindowMs, isRemoteEntry } from '@pingtrace/trace-facts'
import { nameOf } from '../../calls/describe-call.ts'
import { callsOf } from '../../calls/torn-calls.ts'
import { type Finding, makeFinding } from '../../finding.ts'
import type { RefusedRequest } from '../../options.ts'
import { shown } from '../../report-text.ts'
import type { Rule } from '../../rule.ts'
import type { TraceSubject } from '../../trace-subject.ts'

/** Spans name a parent that is not there: one finding for each such parent. */
export const parentMissing: Rule = (subject) => {
  const explained = new Set(callsOf(subject).torn.flatMap(({ server }) => server.spanId))
  return subject.tree.roots
    .filter(({ span }) => span === undefined)
    .map(({ spanId, children }) => ({ spanId, orphans: children.map(({ span }) => span!) }))
    .filter(({ orphans }) => !orphans.every((orphan) => explained.has(orphan.spanId)))
    .map(({ spanId, orphans }) =>
      subject.isPending ? pending(spanId, orphans) : missing(spanId, orphans, subject),
    )
}

function pending(parentId: string, orphans: Span[]): Finding {
  return makeFinding('not-yet-arrived', {
    span: orphans[0]!,
    candidates: orphans.slice(1),
    severity: 'info',
    certainty: 'likely',
    problem: `The parent of ${nameOf(orphans[0]!)} has not arrived yet.`,
    evidence: { parentSpanId: parentId, children: String(orphans.length) },
    cause:
      'Parents end after their children and are exported later; the last span of this trace came only a moment ago.',
    mend: 'Wait.',
  })
}

function missing(parentId: string, orphans: Span[], subject: TraceSubject): Finding {
  const [first] = orphans as [Span, ...Span[]]
  const isRemote = isRemoteEntry(first)
  const refused = refusedNear(subject, first, isRemote)
  const isItsOwn = refused?.service === first.service
  const usual = isRemote
    ? 'The caller does not export to this collector, was not sampled, or its export failed (for a page: CORS of the collector, or the page was left too early).'
    : 'The parent was never ended, or was dropped by a full queue or a process that stopped before it had exported.'
  return makeFinding('parent-missing', {
    span: first,
    candidates: orphans.slice(1),
    severity: 'warning',
    certainty: 'certain',
    problem: `The parent of ${nameOf(first)} (span ${shown(parentId)}) is not there.`,
    evidence: {
      parentSpanId: shown(parentId),
      children: String(orphans.length),
      'parent was in': isRemote ? 'another process' : `the same process (${shown(first.service)})`,
      ...(refused && {
        'refused by the collector': shown(
          [refused.origin, refused.service, refused.reason].filter(Boolean).join(': '),
        ),
      }),
    },
    cause: !refused
      ? usual
      : isItsOwn
        ? 'The collector turned a request of that service away at that time, and the parent was probably in it.'
        : `${usual} Or it was in a request that the collector turned away at that time.`,
    mend: isRemote
      ? 'Point the caller’s exporter here, and look for failed exports in its log or network panel.'
      : 'End every span in a finally block, and shut the provider down (which flushes it) before the process ends.',
  })
}

/**
 * A request that was turned away while this trace came in, and may have carried the parent: of the
 * orphan's own service, or of another one where the call came from there; or of nobody knows whom.
 */
function refusedNear(
  { options: { arrival, ingest = [] } }: TraceSubject,
  orphan: Span,
  isRemote: boolean,
): RefusedRequest | undefined {
  if (arrival === undefined) return undefined
  const near = arrival.windowMs ?? arrivalWindowMs
  return ingest
    .filter(({ time }) => Math.abs(time - arrival.last) <= near)
    .find(({ service }) => service === undefined || (service === orphan.service) !== isRemote)
}
