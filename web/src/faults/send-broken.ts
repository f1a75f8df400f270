import { type TracedRequest, tracedFetch } from '../tracing/index.ts'
import { withApiFault } from './api-fault.ts'
import { brokenFetch } from './broken-fetch.ts'
import { type FaultId, isApiFault } from './faults.ts'

let count = 0

/** `tracedFetch` with something broken: in the page, or, for as long as it takes, in the API. */
export async function sendBroken(
  fault: FaultId,
  apiUrl: string,
  url: URL,
  options: { name: string; signal: AbortSignal },
): Promise<TracedRequest> {
  if (!isApiFault(fault)) return brokenFetch(fault, url, options)
  // A query of its own: browsers remember for two hours what a preflight of a URL was answered.
  const unasked = new URL(url)
  unasked.searchParams.set('broken', `${Date.now()}-${++count}`)
  return new Promise((resolve) => {
    withApiFault(apiUrl, fault, () => {
      const sent = tracedFetch(unasked, options)
      resolve(sent)
      return sent.response
    }).catch((error: Error) => resolve(notSent(error)))
  })
}

/** The API could not be told, so no call was made. */
function notSent(error: Error): TracedRequest {
  const response = Promise.reject(error)
  return { traceId: '0'.repeat(32), spanId: '0'.repeat(16), carrier: {}, response }
}
