import type { SearchError } from '@pingtrace/otlp'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { fetchQuery } from '../viewer/query-token.ts'
import { isSameQuestion, type Question } from './asked-store.ts'
import { findProblem, type Problem } from './problem.ts'
import { boundsOf } from './time-range.ts'

/** The least pause between two searches that nobody asked for. */
const minPauseMs = 1_000
/** A search that takes long is repeated seldom: the collector shall have a rest five times as long. */
const pauseFactor = 5

export interface SearchState<Result> {
  /** What is looked for; undefined: nothing is. */
  asked: Question | undefined
  /** Somebody waits for a first answer. Later ones replace it in silence. */
  searching: boolean
  /** The last answer to this question. */
  result: Result | undefined
  /** Why there is no answer, or none that is new. */
  problem: Problem | undefined
}

export interface SearchStore<Result> extends StoreApi<SearchState<Result>> {
  /** Looks for something else, or for nothing; or for what is new of the same. */
  ask(question: Question | undefined): void
  /** There may be more to find: asks again, soon. */
  refresh(): void
  /** Ends what goes on; whoever asks again starts anew. */
  stop(): void
}

const nothing = { asked: undefined, searching: false, result: undefined, problem: undefined }

/**
 * What the collector answers to a question, kept up to date.
 * @param url where it is asked; query and time are added to it
 * @param everything the query that stands for an empty one
 */
export function createSearch<Result>(url: string, everything: string): SearchStore<Result> {
  const store = createStore<SearchState<Result>>(() => nothing)
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

  function ask(asked: Question | undefined): void {
    const before = store.getState().asked
    if (asked && before && isSameQuestion(asked, before)) {
      refresh()
      return
    }
    cancel()
    if (asked === undefined) {
      store.setState(nothing)
      return
    }
    const problem = asked.query === '' ? undefined : findProblem(asked.query)
    store.setState({ asked, searching: problem === undefined, result: undefined, problem })
    if (problem === undefined) void run(asked)
  }

  function refresh(): void {
    const { asked, problem } = store.getState()
    if (asked === undefined || problem?.isQuery) return
    if (running) {
      again = true
      return
    }
    timer ??= setTimeout(
      () => {
        timer = undefined
        void run(asked)
      },
      Math.max(0, notBefore - performance.now()),
    )
  }

  async function run(asked: Question): Promise<void> {
    current = new AbortController()
    const { signal } = current
    running = true
    const began = performance.now()
    const answer = await fetchAnswer<Result>(url, asked, everything, signal)
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

type Answer<Result> = Pick<Partial<SearchState<Result>>, 'result'> &
  Pick<SearchState<Result>, 'problem'> & { isBusy?: boolean }

async function fetchAnswer<Result>(
  base: string,
  { query, range }: Question,
  everything: string,
  signal: AbortSignal,
): Promise<Answer<Result>> {
  const url = new URL(base)
  url.searchParams.set('q', query || everything)
  const bounds = boundsOf(range, Date.now())
  for (const [name, value] of Object.entries(bounds)) url.searchParams.set(name, value)
  try {
    const response = await fetchQuery(url, { signal, cache: 'no-store' })
    if (response.ok) {
      return { result: (await response.json()) as Result, problem: undefined }
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
