import type { TraceArrivals } from '@pingtrace/otlp'
import { fetchQuery } from '../viewer/query-token.ts'

/**
 * When the spans of a stored trace arrived.
 * @param queryUrl the collector's query endpoint
 * @throws Error in the collector's words, or the browser's when there is no answer
 */
export async function readArrivals(
  queryUrl: string,
  traceId: string,
  signal: AbortSignal,
): Promise<TraceArrivals> {
  const response = await fetchQuery(`${queryUrl}/live/v1/traces/${traceId}/arrivals`, {
    cache: 'no-store',
    signal,
  })
  const {
    arrivals,
    laterSpans = 0,
    error,
  } = (await response.json()) as Partial<TraceArrivals> & {
    error?: { message?: string }
  }
  if (response.ok && arrivals !== undefined) return { arrivals, laterSpans }
  throw new Error(error?.message ?? `HTTP ${response.status}`)
}
