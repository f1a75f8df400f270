import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether the value of an `Authorization` header, or its lack, is good enough. */
export type Authorization = (header: string | undefined) => boolean

/** Short ones can be guessed: nothing here counts attempts. */
const minTokenLength = 16

/**
 * A bearer token (RFC 6750), where a variable has one.
 * @returns undefined where it is unset or empty
 * @throws Error that names the variable and does not show the value, which may be all but right
 */
export function readToken(
  env: Record<string, string | undefined>,
  variable: string,
): string | undefined {
  const token = env[variable]
  if (token === undefined || token === '') return undefined
  // RFC 6750, 2.1: b64token. Anything else could not be sent, or only after an encoding.
  if (token.length >= minTokenLength && /^[A-Za-z0-9._~+/-]+=*$/.test(token)) return token
  throw new Error(
    `${variable} must have ${minTokenLength} characters at least, of A-Z a-z 0-9 - . _ ~ + /, ` +
      'as `openssl rand -hex 32` prints them',
  )
}

/**
 * Judges `Authorization: Bearer <token>`; everything is good enough where no token is set.
 *
 * Digests are compared, in constant time: how long it takes tells neither how many characters were
 * right nor how many there are.
 */
export function bearer(token: string | undefined): Authorization {
  if (token === undefined) return () => true
  const expected = digestOf(token)
  return (header) => {
    const [, given] = /^Bearer +([^ ]+) *$/i.exec(header ?? '') ?? []
    return given !== undefined && timingSafeEqual(digestOf(given), expected)
  }
}

/**
 * The `WWW-Authenticate` of a 401: what to come back with (RFC 6750, 3).
 * @param header what `Authorization` said; an error is named only where a token was tried
 */
export function challenge(realm: string, header: string | undefined): string {
  const error = header === undefined ? '' : ', error="invalid_token"'
  return `Bearer realm="${realm}"${error}`
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
