import type { Attributes, AttributeValue, Span } from '@pingtrace/otlp'
import { nameOf } from '../../calls/describe-call.ts'
import { type Certainty, makeFinding } from '../../finding.ts'
import { firstOfEach } from '../../first-of-each.ts'
import { shown } from '../../report-text.ts'
import type { Rule } from '../../rule.ts'

interface Secret {
  what: string
  certainty: Certainty
}

/** Values that are secrets whatever they are called. */
const values: [pattern: RegExp, secret: Secret][] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, { what: 'a private key', certainty: 'certain' }],
  [/\b(AKIA|ASIA)[0-9A-Z]{16}\b/, { what: 'an AWS access key', certainty: 'certain' }],
  [/\bgh[pousr]_[A-Za-z0-9]{36,}\b/, { what: 'a GitHub token', certainty: 'certain' }],
  [/\b(?:sk|rk)_live_[A-Za-z0-9]{16,}/, { what: 'a Stripe key', certainty: 'certain' }],
  [/\bxox[abprs]-[A-Za-z0-9-]{10,}/, { what: 'a Slack token', certainty: 'certain' }],
  [
    /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/,
    { what: 'a JSON Web Token', certainty: 'certain' },
  ],
  [/^(Bearer|Basic) [A-Za-z0-9+/._~-]{8,}=*$/i, { what: 'credentials', certainty: 'certain' }],
  // Nothing between the colon and the @ but a password: a mask or a placeholder is none.
  [
    /^[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:(?!\*+@|[Xx]+@|%2A|<|\$|\{|(?:REDACTED|redacted)@)[^\s/@]+@/i,
    { what: 'a URL with a password', certainty: 'certain' },
  ],
  [
    /[?&](access_token|api_?key|auth_?token|client_secret|id_token|password|passwd|refresh_token|secret|sig|signature|token|X-Amz-Signature)=(?!REDACTED|redacted|\*|%2A|x{3}|<|\[|&|$)[^&\s]{6,}/i,
    { what: 'a URL with a secret in its query', certainty: 'likely' },
  ],
]

/** Keys whose values are secrets, by their last words. */
const keys =
  /(^|[._-])(password|passwd|passphrase|secret|client_secret|api_?key|private_?key|access_?token|refresh_?token|auth_?token|id_?token|authorization|proxy-authorization|set-cookie|cookie|cvv|card_?number)$/i

/** Values that stand for a secret, and say nothing of it. */
const masked =
  /^[[<({]?(redacted|masked|filtered|hidden|removed|null|none|undefined|true|false|\*+|x{3,})/i

/** Something secret in what everybody may read who sees the trace: one finding for each place. */
export const secretInAttribute: Rule = ({ nodes }) => {
  const found = nodes.flatMap(({ span }) => [...secretsOf(span)])
  const keyOf = ({ span, place }: (typeof found)[number]) => `${span.service} ${span.name} ${place}`
  return firstOfEach(found, keyOf).map(({ first, others, count }) => {
    const { span, place, secret, value } = first
    return makeFinding('secret-in-attribute', {
      span,
      candidates: others.map((other) => other.span),
      severity: 'error',
      certainty: secret.certainty,
      problem: `${nameOf(span)} shows ${secret.what} in ${shown(place)}.`,
      // Never the value: a report is read by even more people than a trace.
      evidence: { where: shown(place), length: `${value.length} characters`, spans: String(count) },
      cause: 'A header, URL, argument or configuration was recorded as it is.',
      mend: 'Do not record it, or redact it before it leaves the process; and change the secret, since it has been stored.',
    })
  })
}

interface Found {
  span: Span
  place: string
  secret: Secret
  value: string
}

function* secretsOf(span: Span): Generator<Found> {
  yield* inAttributes(span, span.attributes, '')
  yield* inAttributes(span, span.resource, 'resource ')
  for (const event of span.events)
    yield* inAttributes(span, event.attributes, `event ${event.name}: `)
  const secret = secretIn('', span.status.message)
  if (secret) yield { span, place: 'status message', secret, value: span.status.message }
}

function* inAttributes(span: Span, attributes: Attributes, where: string): Generator<Found> {
  for (const [key, value] of Object.entries(attributes)) {
    for (const item of textsOf(value)) {
      const secret = secretIn(key, item)
      if (secret === undefined) continue
      yield { span, place: `${where}${key}`, secret, value: item }
      break
    }
  }
}

/** Header attributes are lists of one. */
function textsOf(value: AttributeValue): string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** Beyond this a value is looked at no further: these patterns take quadratic time at worst. */
const lookedAt = 4_096

function secretIn(key: string, value: string): Secret | undefined {
  const text = value.slice(0, lookedAt)
  for (const [pattern, secret] of values) if (pattern.test(text)) return secret
  if (!keys.test(key) || text.length < 6 || masked.test(text)) return undefined
  return { what: `what its name says (${shown(key, 40)})`, certainty: 'likely' }
}
