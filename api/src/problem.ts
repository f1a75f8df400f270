import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** Answers with application/problem+json (RFC 9457). `about:blank`: the status says it all. */
export function problem(
  c: Context,
  status: ContentfulStatusCode,
  title: string,
  detail: string,
  members: Record<string, unknown> = {},
): Response {
  const body = { type: 'about:blank', title, status, detail, ...members }
  return c.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' })
}
