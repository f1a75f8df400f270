import type { RequestListener } from 'node:http'
import { guarded, reasonToRefuse } from '@pingtrace/loopback'
import { problemBody, problemType } from './problem.ts'

/**
 * Lets in programs of this machine and the listed pages, and answers all others itself, ahead of
 * the application: a call that is refused touches no database and makes no span.
 *
 * No links, although each route is a GET: `/ping` does something.
 *
 * @param hosts names besides the loopback ones under which the API may be addressed
 */
export function guardedApi(
  listener: RequestListener,
  allowedOrigins: readonly string[],
  hosts: readonly string[],
): RequestListener {
  const isListed = (origin: string) => allowedOrigins.includes(origin)
  const rules = { hosts, isListed, allowsLinks: false }
  return guarded(
    listener,
    (request) => reasonToRefuse(request, rules),
    (reason) => ({
      contentType: problemType,
      body: problemBody(403, 'Forbidden', reason),
    }),
  )
}
