import type { Attributes, AttributeValue, Span } from '@pingtrace/otlp'
import { nameOf } from '../../calls/describe-call.ts'
import { makeFinding } from '../../finding.ts'
import { firstOfEach } from '../../first-of-each.ts'
import { shown } from '../../report-text.ts'
import type { Rule } from '../../rule.ts'

/** Characters. Stack traces and statements of some length are well below it. */
const giant = 16_384
/** The SDKs' own limit of attributes on a span (OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT). */
const many = 128

/** Values, or numbers of values, that make a span heavier than a trace should be. */
export const giantAttribute: Rule = ({ nodes }) => {
  const heavy = nodes.flatMap(({ span }) => [...heavyParts(span)])
  const keyOf = ({ span, where }: Heavy) => `${span.service} ${span.name} ${where}`
  return firstOfEach(heavy, keyOf).map(({ first: { span, where, size }, others, count }) =>
    makeFinding('giant-attribute', {
      span,
      candidates: others.map((other) => other.span),
      severity: 'warning',
      certainty: 'certain',
      problem: `${nameOf(span)} carries ${size} in ${shown(where)}.`,
      evidence: { where: shown(where), size, spans: String(count) },
      cause: 'A body, a list or a whole document was recorded as it is.',
      mend: 'Record its size or its key instead; OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT cuts what is left.',
    }),
  )
}

interface Heavy {
  span: Span
  where: string
  size: string
}

function* heavyParts(span: Span): Generator<Heavy> {
  const parts: [where: string, attributes: Attributes][] = [
    ['', span.attributes],
    ...span.events.map(({ name, attributes }): [string, Attributes] => [
      `event ${name}: `,
      attributes,
    ]),
  ]
  for (const [where, attributes] of parts) {
    const entries = Object.entries(attributes)
    for (const [key, value] of entries) {
      const length = lengthOf(value)
      if (length > giant) yield { span, where: `${where}${key}`, size: `${length} characters` }
    }
    if (entries.length > many) {
      yield {
        span,
        where: where === '' ? 'one span' : where.slice(0, -2),
        size: `${entries.length} attributes`,
      }
    }
  }
}

function lengthOf(value: AttributeValue): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 0
  return Object.values(value).reduce((sum: number, item) => sum + lengthOf(item) + 1, 0)
}
