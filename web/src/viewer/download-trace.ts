import { fetchQuery } from './query-token.ts'

/** What stands around the spans in an answer of Jaeger's `api/v3`. */
const [before, behind] = ['{"result":', '}']

/**
 * All that the collector has of a trace, as OTLP JSON. It may be more than fits into a text, so it stays
 * where the browser puts what it downloads.
 * @param queryUrl the collector's query endpoint
 * @throws Error in the collector's words, or the browser's when there is no answer, or not all of it
 */
export async function traceAsOtlp(queryUrl: string, traceId: string): Promise<Blob> {
  const response = await fetchQuery(`${queryUrl}/api/v3/traces/${traceId}`, { cache: 'no-store' })
  if (!response.ok) {
    const { error } = (await response.json()) as { error?: { message?: string } }
    throw new Error(error?.message ?? `HTTP ${response.status}`)
  }
  const answer = await response.blob()
  const end = answer.size - behind.length
  const [start, last] = [answer.slice(0, before.length), answer.slice(end)]
  // Another server may write it with spaces. Whoever reads files of traces takes that, too.
  if ((await start.text()) !== before || (await last.text()) !== behind) return answer
  return answer.slice(before.length, end)
}

/** Has the browser save JSON under a name. */
export function saveAsFile(name: string, json: Blob | string): void {
  const url = URL.createObjectURL(new Blob([json], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has begun to read it by then, and keeps what it reads.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
