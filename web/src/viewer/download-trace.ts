import type { TracesData } from '@pingtrace/otlp'
import { fetchQuery } from './query-token.ts'

/**
 * All that the collector has of a trace.
 * @param queryUrl the collector's query endpoint
 * @throws Error in the collector's words, or the browser's when there is no answer
 */
export async function traceAsOtlp(queryUrl: string, traceId: string): Promise<TracesData> {
  const response = await fetchQuery(`${queryUrl}/api/v3/traces/${traceId}`, { cache: 'no-store' })
  const { result, error } = (await response.json()) as {
    result?: TracesData
    error?: { message?: string }
  }
  if (response.ok && result !== undefined) return result
  throw new Error(error?.message ?? `HTTP ${response.status}`)
}

/** Has the browser save a text, as JSON under a name. */
export function saveAsFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has begun to read it by then, and keeps what it reads.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
