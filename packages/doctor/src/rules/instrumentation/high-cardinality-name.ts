import type { Span } from '@pingtrace/otlp'
import { text } from '@pingtrace/trace-facts'
import { makeFinding } from '../../finding.ts'
import { firstOfEach } from '../../first-of-each.ts'
import { shown } from '../../report-text.ts'
import type { Rule } from '../../rule.ts'

/** Values that have no place in a name, most telling first. */
const values: [what: string, pattern: RegExp][] = [
  ['a UUID', /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i],
  ['an e-mail address', /[\w.+-]+@[\w-]+\.[a-z]{2,}/i],
  ['a query string', /\?[\w.-]+=/],
  ['a URL', /\bhttps?:\/\/[^\s/]+\/./i],
  ['a hexadecimal id', /(?<![0-9a-z])(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{16,}(?![0-9a-z])/i],
  // A whole segment of a path: /users/42, but neither /v2 nor /404.html.
  ['a number in a path', /\/\d+(?=\/|\s|$)/],
  // Not the port of an address, as in localhost:27017.
  ['a long number', /(?<![\d.:])\d{5,}(?![\d.])/],
  ['a hexadecimal id', /(?<![\w.-])(?=(?:[a-f]*\d){2})(?=\d*[a-f])[0-9a-f]{6,15}(?![\w.-])/],
  ['a literal of a statement', /\b(where|values|set)\b.*(=\s*('[^']*'|\d+)|\(\s*('[^']*'|\d+))/i],
]

/** Names are a stranger's, and these patterns take quadratic time. */
const lookedAt = 500

/** The name of a span holds a value: no two are alike, and nothing can be grouped by it. */
export const highCardinalityName: Rule = ({ nodes }) => {
  const named = nodes.flatMap(({ span }) => {
    const value = findValue(span)
    return value === undefined ? [] : [{ span, ...value }]
  })
  const keyOf = ({ span, what }: (typeof named)[number]) =>
    `${span.service} ${span.scope.name} ${span.kind} ${what}`
  return firstOfEach(named, keyOf).map(({ first: { span, what, found }, others, count }) =>
    makeFinding('high-cardinality-name', {
      span,
      candidates: others.map((other) => other.span),
      severity: 'warning',
      certainty: 'likely',
      problem: `The name “${shown(span.name, 60)}” of a span of ${shown(span.service, 40)} has ${what} in it.`,
      evidence: {
        found: shown(found, 40),
        ...(text(span, 'http.route') === undefined
          ? {}
          : { 'http.route': shown(text(span, 'http.route')) }),
        spans: String(count),
      },
      cause: 'The span was named after the request’s path, its statement or one of its arguments.',
      mend: 'Name the operation: `GET /users/:id` (method and route), `SELECT users`; put the value into an attribute.',
    }),
  )
}

function findValue({ name, attributes }: Span): { what: string; found: string } | undefined {
  // A template is one whatever it looks like: somebody's may be /2024.
  for (const template of [attributes['http.route'], attributes['url.template']]) {
    if (typeof template === 'string' && template !== '' && name.endsWith(template)) return undefined
  }
  // The number in it is an account, which is as constant as the queue's name.
  const looked = name.slice(0, lookedAt).replace(/\barn:aws[\w-]*:\S+/g, '')
  for (const [what, pattern] of values) {
    const found = pattern.exec(looked)?.[0]
    if (found !== undefined) return { what, found }
  }
  return undefined
}
