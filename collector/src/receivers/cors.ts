import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CrossOriginRequest } from '@pingtrace/otlp'
import type { RequestNote } from './request-log.ts'

/** Chromium's cap; without it a page asks again before every other export. */
const preflightSeconds = 7_200
/** Fetch standard, "CORS-safelisted method": no answer has to name them. */
const safeMethods = ['GET', 'HEAD', 'POST']

/** Which pages may send, as the official Collector's `cors` says it. */
export interface CorsSettings {
  /** Each may have one `*`, for any text. */
  allowedOrigins: readonly string[]
  /** Besides those that every page may send; `*` for all. */
  allowedHeaders: readonly string[]
  /** Seconds that a browser may remember a preflight; 0 leaves that to the browser. */
  maxAge: number
}

/** Whether an `Origin` header is one that a pattern means (rs/cors, which the official one uses). */
export function matchesOrigin(pattern: string, origin: string): boolean {
  const [before = '', after] = pattern.toLowerCase().split('*')
  const text = origin.toLowerCase()
  if (after === undefined) return text === before
  const isLongEnough = text.length >= before.length + after.length
  return isLongEnough && text.startsWith(before) && text.endsWith(after)
}

/** What a browser asks for before it lets a page send. */
export function askedOf({ headers }: IncomingMessage): CrossOriginRequest {
  const method = headers['access-control-request-method']
  const names = headers['access-control-request-headers']?.split(',') ?? []
  return {
    ...(method !== undefined && { method }),
    headers: names.map((name) => name.trim().toLowerCase()).filter((name) => name !== ''),
  }
}

/**
 * An exporter sends whatever headers it is configured with (a token, a tenant): all are allowed,
 * unless a list says which. OTLP's content type is never one that goes without saying. A browser that
 * is not told all that it asked for refuses its page without a word to us, so that is noted here.
 */
export function answerPreflight(
  response: ServerResponse,
  note: RequestNote,
  cors: CorsSettings | undefined,
): void {
  const { method = 'POST', headers: asked } = note.asked ?? { headers: [] }
  const listed = cors?.allowedHeaders ?? ['*', 'content-encoding', 'authorization']
  const names = ['content-type', ...listed.filter((name) => name !== '*')]
  const headers = [...new Set(listed.includes('*') ? [...names, ...asked] : names)]
  note.allowed = { method: 'POST', headers: headers.map((name) => name.toLowerCase()) }
  const { headers: allowed } = note.allowed
  const refused = asked.filter((name) => !allowed.includes(name))
  if (refused.length > 0) {
    note.outcome = 'refused'
    note.message = `the page may not send ${refused.join(', ')}`
    note.advice =
      'List it under allowed_headers in the cors section of the configuration file, or leave it out of the exporter’s headers.'
  } else if (!safeMethods.includes(method)) {
    note.outcome = 'refused'
    note.message = `the page asks for ${method}, and spans are sent by POST`
    note.advice = 'Let an OTLP exporter send them.'
  } else note.outcome = 'accepted'
  const seconds = cors === undefined ? preflightSeconds : cors.maxAge
  response.writeHead(204, {
    Allow: 'POST, OPTIONS',
    'Access-Control-Allow-Methods': 'POST',
    'Access-Control-Allow-Headers': headers.join(', '),
    ...(seconds > 0 && { 'Access-Control-Max-Age': seconds }),
    Vary: 'Origin, Access-Control-Request-Headers',
  })
  response.end()
}
