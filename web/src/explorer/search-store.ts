import type { SearchError, SearchResult } from '@pingtrace/otlp'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { fetchQuery } from '../viewer/query-token.ts'
import { findProblem, type Problem } from './problem.ts'

/** As many as the list holds. */
export const maxFound = 500
/** The least pause between two searches that nobody asked for. */
const minPauseMs = 1_000
/** A search that takes long is repeated seldom: the collector shall have a rest five times as long. */
const pauseFactor = 5

export interface SearchState {
  /** What is searched for; empty: nothing is. */
  query: string
  /** Somebody waits for a first answer. Later ones replace it in silence. */
  searching: boolean
  /** The last answer to this query. */
  result: SearchResult | undefined
  /** Why there is no answer, or none that is new. */
  problem: Problem | undefined
}

export interface SearchStore extends StoreApi<SearchState> {
  /** Searches for something else, or with an empty query for nothing. */
  ask(query: string): void
  /** There may be more to find: searches again, soon. */
  refresh(): void
  /** Ends what goes on; whoever asks again starts anew. */
  stop(): void
}

const nothing: SearchState = {
  query: '',
  searching: false,
  result: undefined,
  problem: undefined,
}

/**
 * The traces that a query matches, as the collector finds them.
 * @param queryUrl the collector's query endpoint
 */
export function createSearch(queryUrl: string): SearchStore {
  const store = createStore<SearchState>(() => nothing)
  let current = new AbortController()
  let running = false
  let again = false
  let notBefore = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function cancel(): void {
    current.abort()
    clearTimeout(timer)
    timer = undefined
    running = false
    again = false
  }

  function ask(query: string): void {
    if (query === store.getState().query) return
    cancel()
    const problem = query === '' ? undefined : findProblem(query)
    const searching = query !== '' && problem === undefined
    store.setState({ query, searching, result: undefined, problem })
    if (searching) void run(query)
  }

  function refresh(): void {
    const { query, problem } = store.getState()
    if (query === '' || problem?.isQuery) return
    if (running) {
      again = true
      return
    }
    timer ??= setTimeout(
      () => {
        timer = undefined
        void run(query)
      },
      Math.max(0, notBefore - performance.now()),
    )
  }

  async function run(query: string): Promise<void> {
    current = new AbortController()
    const { signal } = current
    running = true
    const began = performance.now()
    const answer = await search(queryUrl, query, signal)
    if (signal.aborted) return
    running = false
    const ended = performance.now()
    notBefore = ended + Math.max(minPauseMs, (ended - began) * pauseFactor)
    // What was found before stays while the collector is away or busy.
    store.setState({ ...answer, searching: false })
    if (!again && !answer.isBusy) return
    again = false
    refresh()
  }

  function stop(): void {
    cancel()
    store.setState(nothing)
  }

  return { ...store, ask, refresh, stop }
}

type Answer = Pick<Partial<SearchState>, 'result'> &
  Pick<SearchState, 'problem'> & { isBusy?: boolean }

async function search(queryUrl: string, query: string, signal: AbortSignal): Promise<Answer> {
  const url = new URL(`${queryUrl}/live/v1/search`)
  url.searchParams.set('q', query)
  url.searchParams.set('limit', String(maxFound))
  try {
    const response = await fetchQuery(url, { signal, cache: 'no-store' })
    if (response.ok) {
      return { result: (await response.json()) as SearchResult, problem: undefined }
    }
    const { error } = (await response.json()) as SearchError
    const { message, start, end, column } = error
    const isQuery = response.status === 400
    const place = start === undefined || end === undefined ? undefined : { start, end, column }
    return {
      problem: { isQuery, message, place },
      isBusy: response.status === 503,
      ...(isQuery ? { result: undefined } : {}),
    }
  } catch {
    // The status of the stream says more, and when it is back the search is repeated.
    return {
      problem: { isQuery: false, message: 'the collector did not answer', place: undefined },
    }
  }
}
