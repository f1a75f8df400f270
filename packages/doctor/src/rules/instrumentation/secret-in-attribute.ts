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
  [/\bsk-(proj|ant|svcacct)-[A-Za-z0-9_-]{20,}/, { what: 'an API key', certainty: 'certain' }],
  [/^Bearer (?=\S*\d)[A-Za-z0-9+/._~-]{8,}=*$/i, { what: 'credentials', certainty: 'certain' }],
  [
    /(^|;)\s*(password|pwd)\s*=\s*(?!\*|<|\$|\{|\?|x{3}|redacted)[^;\s]{3,}/i,
    { what: 'a connection string with a password', certainty: 'certain' },
  ],
  [
    /(^|\s)--?[\w.-]*(password|passwd|secret|api[_-]?key|access[_-]?token)=(?!\*|<|\$|\{|x{3}|redacted)\S{6,}/i,
    { what: 'a secret among the arguments of a command', certainty: 'likely' },
  ],
  [
    /\b(password|identified by)(\s+|\s*=\s*)'(?!\*|<|\?|redacted)[^']{4,}'/i,
    { what: 'a statement with a password', certainty: 'likely' },
  ],
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
  /(^|[._-])(password|passwd|passphrase|secret|client_secret|api[_-]?key|private[_-]?key|access[_-]?token|refresh[_-]?token|auth[_-]?token|id[_-]?token|authorization|proxy-authorization|set-cookie|cookie|cvv|card[_-]?number)$/

/** Values that stand for a secret, and say nothing of it. */
const masked =
  /^[[<({]?(redacted|masked|filtered|hidden|removed|null|none|undefined|true|false|\*+|x{3,})/i

/** What became of a secret, in a word, is none: `app.login.password = changed`. */
const states =
  /^((not|in|un)?[ _-]?(accepted|valid|verified|known|set|found|required|changed|granted|enabled)|rejected|declined|denied|expired|missing|present|absent|empty|reset|rotated|revoked|created|updated|deleted|removed|disabled|failed|correct|incorrect|wrong|mismatch|match(ed)?|success|default|optional|necessary|session)$/i

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
      problem:
        place === 'name'
          ? `A span of ${shown(span.service, 40)} shows ${secret.what} in its name.`
          : `${nameOf(span)} shows ${secret.what} in ${shown(place)}.`,
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
  const named = secretIn('', span.name)
  if (named) yield { span, place: 'name', secret: named, value: span.name }
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

/** `dbPassword`, `http.request.header.X-Api-Key`, in the words that are looked for. */
function inWords(key: string): string {
  return key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase()
}

/** RFC 7617: base64 of user and password with a colon between. “Basic subscription” is a plan. */
function isBasic(text: string): boolean {
  const encoded = /^Basic ([A-Za-z0-9+/]{4,}={0,2})$/i.exec(text)?.[1]
  if (encoded === undefined || encoded.length % 4 === 1) return false
  return /^[ -9;-~]*:[ -~]+$/.test(atob(encoded))
}

/** Beyond this a value is looked at no further: these patterns take quadratic time at worst. */
const lookedAt = 4_096

function secretIn(key: string, value: string): Secret | undefined {
  const text = value.slice(0, lookedAt)
  for (const [pattern, secret] of values) if (pattern.test(text)) return secret
  if (isBasic(text)) return { what: 'credentials', certainty: 'certain' }
  if (!keys.test(inWords(key)) || text.length < 6) return undefined
  if (masked.test(text) || states.test(text)) return undefined
  return { what: `what its name says (${shown(key, 40)})`, certainty: 'likely' }
}
