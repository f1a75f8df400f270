import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

export const problemType = 'application/problem+json'

/** The body of such an answer (RFC 9457). `about:blank`: the status says it all. */
export function problemBody(
  status: number,
  title: string,
  detail: string,
  members: Record<string, unknown> = {},
): string {
  return JSON.stringify({ type: 'about:blank', title, status, detail, ...members })
}

/** Answers with application/problem+json. */
export function problem(
  c: Context,
  status: ContentfulStatusCode,
  title: string,
  detail: string,
  members: Record<string, unknown> = {},
): Response {
  const body = problemBody(status, title, detail, members)
  return c.body(body, status, { 'content-type': problemType })
}
