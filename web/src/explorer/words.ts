import type { PartialReason, SearchResult } from '@pingtrace/otlp'
import { count } from '../viewer/format.ts'
import type { StreamState } from '../viewer/live-stream.ts'
import { troubleText } from '../viewer/stream-words.ts'
import { maxArrivals } from './arrivals-store.ts'
import type { SearchState } from './search-store.ts'
import { maxCounted } from './trace-list.ts'

/** How many traces there are, and whether these are all. */
export function listText(
  drawn: number,
  { asked, searching, result }: SearchState<SearchResult>,
): string {
  if (searching) return 'Searching…'
  if (asked !== undefined) return result === undefined ? '' : foundText(drawn, result)
  if (drawn === 0) return ''
  return drawn < maxArrivals ? count(drawn, 'trace') : `the newest ${count(drawn, 'trace')}`
}

function foundText(drawn: number, { examined, partial }: SearchResult): string {
  if (partial === undefined) return `${count(drawn, 'trace')} found among ${examined}`
  return `${count(drawn, 'trace')} found, ${partialText[partial]}`
}

export const partialText: Record<PartialReason, string> = {
  limit: 'the newest; there may be older ones',
  time: 'and there may be more: the search was stopped after its time was up',
  bytes: 'and there may be more: the search had read as much as it may',
  traces: 'and there may be more: the search had looked at as many traces as it may',
  stopped: 'and there may be more: the collector was closing',
}

/** What the button says that draws what came meanwhile. */
export function waitingText(waiting: number): string {
  if (waiting === 0) return 'Up to date'
  return waiting === maxCounted ? `${maxCounted} or more new` : `${waiting} new`
}

/** What stands in place of the rows. */
export function emptyText(
  { asked, searching, problem }: SearchState<unknown>,
  stream: StreamState,
): string {
  if (searching) return 'Searching…'
  if (problem !== undefined) return problem.isQuery ? 'The query is wrong: see above.' : ''
  if (asked !== undefined)
    return 'No stored trace matches. A new one that does appears here by itself.'
  const trouble = troubleText(stream)
  if (trouble !== undefined) return `Not known: ${trouble}.`
  if (stream.state !== 'live') return 'Asking the collector…'
  return 'No traces yet. Each one that arrives becomes a row here by itself, the newest on top.'
}
