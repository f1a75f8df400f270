import { nameOf } from '../../calls/describe-call.ts'
import { makeFinding } from '../../finding.ts'
import { firstOfEach } from '../../first-of-each.ts'
import type { Rule } from '../../rule.ts'

/** One span id came more than once: as a copy, or saying something else each time. */
export const duplicateExport: Rule = ({ received, nodes }) => {
  const versions = new Map<string, number>()
  for (const { spanId } of nodes) versions.set(spanId, (versions.get(spanId) ?? 0) + 1)
  const times = new Map<string, number>()
  for (const { spanId } of received) times.set(spanId, (times.get(spanId) ?? 0) + 1)

  const repeated = nodes.filter(
    ({ id, spanId }) =>
      id === spanId && ((times.get(spanId) ?? 0) > 1 || (versions.get(spanId) ?? 0) > 1),
  )
  const isConflict = (spanId: string) => (versions.get(spanId) ?? 0) > 1
  // An exporter that sends everything twice is one fault, not as many as there are spans.
  return firstOfEach(repeated, ({ span, spanId }) => `${span.service} ${isConflict(spanId)}`).map(
    ({ first: { span, spanId }, others, count }) =>
      makeFinding('duplicate-export', {
        span,
        candidates: others.map((other) => other.span),
        severity: 'warning',
        certainty: 'certain',
        problem: isConflict(spanId)
          ? `${nameOf(span)} came in ${versions.get(spanId)} versions that say different things under one id.`
          : `${nameOf(span)} came ${times.get(spanId)} times.`,
        evidence: {
          spanId,
          times: String(times.get(spanId)),
          versions: String(versions.get(spanId)),
          spans: String(count),
        },
        cause: isConflict(spanId)
          ? 'Two exporters with different resources send the same spans, a span was exported again after it had changed, or an id generator repeats itself.'
          : 'Two processors or two pipelines export the same spans, or a sender that got no answer sent them again.',
        mend: 'Give the provider one batch processor for each destination, and each destination one way to it. Span ids come from the SDK’s own generator.',
      }),
  )
}
