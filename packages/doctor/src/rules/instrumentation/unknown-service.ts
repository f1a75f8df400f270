import { processOf } from '@pingtrace/trace-facts'
import { makeFinding } from '../../finding.ts'
import { firstOfEach } from '../../first-of-each.ts'
import { shown } from '../../report-text.ts'
import type { Rule } from '../../rule.ts'

/** A process that does not say who it is: one finding for each. */
export const unknownService: Rule = ({ nodes }) => {
  // SDKs fall back to `unknown_service`, most of them with the program's name after a colon.
  const nameless = nodes.filter(({ span }) => /^unknown_service\b/.test(span.service))
  return firstOfEach(nameless, ({ span }) => processOf(span)).map(({ first: { span }, count }) =>
    makeFinding('unknown-service', {
      span,
      severity: 'warning',
      certainty: 'certain',
      problem: 'A process sends spans without telling its name.',
      evidence: {
        'service.name': shown(span.resource['service.name'] ?? '(none)'),
        spans: String(count),
      },
      cause:
        'service.name is not set; where the resource was set in code it may have replaced the one from the environment instead of being merged with it.',
      mend: 'Set OTEL_SERVICE_NAME, or service.name in the resource that the provider is given.',
    }),
  )
}
