import { readSpans, type SearchResult, type TraceSummary, type TracesData } from '@pingtrace/otlp'
import { buildTraceTree, type TraceTree } from '@pingtrace/trace-tree'
import { fetchQuery } from '../viewer/query-token.ts'
import { titleSpan } from '../viewer/trace-title.ts'

/** Looked through for those that came before: of an operation that is called often, the newest. */
const searchLimit = 200

/**
 * The traces of the same operation (service and name of the root) that arrived before one, the newest
 * first. Arrival is the collector's clock: the senders' cannot be compared. Of a trace that is not
 * stored, as one of a file may be, all that are.
 * @throws Error when the collector does not answer, or refuses
 */
export async function earlierTraces(
  queryUrl: string,
  { traceId, tree }: { traceId: string; tree: TraceTree },
  signal: AbortSignal,
): Promise<{ traces: TraceSummary[]; stored: boolean }> {
  const title = titleSpan(tree)
  if (title === undefined) return { traces: [], stored: false }
  const [service, name] = [title.service, title.name].map((text) => JSON.stringify(text))
  const q = `{ trace:rootService = ${service} && trace:rootName = ${name} }`
  const search = async (end?: string): Promise<TraceSummary[]> => {
    const parameters = new URLSearchParams({ q, limit: `${searchLimit}` })
    if (end !== undefined) parameters.set('end', end)
    const url = `${queryUrl}/live/v1/search?${parameters}`
    return ((await ask(url, signal)) as SearchResult).traces
  }
  const isIt = (summary: TraceSummary) => summary.traceId === traceId
  let found = await search()
  // It is older than all of those: what was still to begin when it ended is of no use.
  if (!found.some(isIt) && tree.end > 0n) found = await search(seconds(tree.end))
  const place = found.findIndex(isIt)
  return { traces: found.slice(place + 1), stored: place !== -1 }
}

/**
 * A stored trace, whole.
 * @throws Error when the collector does not answer, does not have it, or it is too large
 */
export async function readStoredTrace(
  queryUrl: string,
  traceId: string,
  signal: AbortSignal,
): Promise<TraceTree> {
  const answer = await ask(`${queryUrl}/api/v3/traces/${traceId}`, signal)
  return buildTraceTree(readSpans((answer as { result: TracesData }).result))
}

async function ask(url: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetchQuery(url, { cache: 'no-store', signal })
  const body: unknown = await response.json()
  if (response.ok) return body
  const { error } = body as { error?: { message?: string } }
  throw new Error(error?.message ?? `HTTP ${response.status}`)
}

/** Seconds since the Unix epoch with nine digits of fraction, as the search takes an instant. */
function seconds(nanos: bigint): string {
  return `${nanos / 1_000_000_000n}.${`${nanos % 1_000_000_000n}`.padStart(9, '0')}`
}
