import type { SearchResult, Span } from '@pingtrace/otlp'
import { fetchQuery } from './query-token.ts'

/** A span that has a link to another one. */
export interface LinkingSpan {
  traceId: string
  spanId: string
  /** Of its trace: the name and service of the root. */
  traceName: string
  service: string
}

/**
 * The spans that link to a span, those of the newest traces in front: at most a hundred of each of
 * twenty traces, which is what the collector's search answers.
 * @throws Error when the collector does not answer, or refuses
 */
export async function findLinksTo(
  queryUrl: string,
  { traceId, spanId }: Pick<Span, 'traceId' | 'spanId'>,
  signal: AbortSignal,
): Promise<LinkingSpan[]> {
  const q = `{ link:traceID = "${traceId}" && link:spanID = "${spanId}" }`
  const url = `${queryUrl}/live/v1/search?${new URLSearchParams({ q })}`
  const response = await fetchQuery(url, { cache: 'no-store', signal })
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  const { traces } = (await response.json()) as SearchResult
  return traces.flatMap((trace) =>
    trace.matchedSpanIds.map((linking) => ({
      traceId: trace.traceId,
      spanId: linking,
      traceName: trace.name,
      service: trace.service,
    })),
  )
}
