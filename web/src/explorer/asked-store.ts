import { createStore, type StoreApi } from 'zustand/vanilla'
import {
  type OperationSort,
  parseOperationSort,
  printOperationSort,
  slowestFirst,
} from '../operations/operation-sort.ts'
import { type BrowserHistory, selectionHref } from '../viewer/selection.ts'
import { isSameRange, parseRange, type TimeRange, writeRange } from './time-range.ts'
import { newestFirst, parseSort, printSort, type TraceSort } from './trace-sort.ts'
import { parseView, type View } from './views.ts'

/** What is looked for, in whichever view. */
export interface Question {
  /** In the collector's subset of TraceQL; empty: everything. It may be wrong: links are typed too. */
  query: string
  /** Undefined: all that is stored. */
  range: TimeRange | undefined
}

/** What somebody wants to see. */
export interface Asked extends Question {
  view: View
  /** Of the list. */
  sort: TraceSort
  /** Of the operations. */
  by: OperationSort
}

export interface AskedStore extends StoreApi<Asked> {
  ask(query: string): void
  sortBy(sort: TraceSort): void
  /** Any of it at once, as one step in the history. */
  change(asked: Partial<Asked>): void
  /** Listens to the browser's back and forward. */
  followHistory(): () => void
}

/**
 * The question and the view. They live in the address (`?view=&q=&last=&from=&to=&sort=&by=`), each change
 * a step in the history, so that back, forward, a reload and a copied link ask it again.
 */
export function createAsked(browser: BrowserHistory): AskedStore {
  const store = createStore<Asked>(() => read(browser.location.href))

  function change(asked: Partial<Asked>): void {
    store.setState(asked)
    const href = askedHref(browser.location.href, store.getState())
    if (href !== browser.location.href) browser.history.pushState(null, '', href)
  }

  return {
    ...store,
    ask: (query) => change({ query: query.trim() }),
    sortBy: (sort) => change({ sort }),
    change,
    followHistory: () => {
      const restore = (): void => store.setState(read(browser.location.href))
      browser.addEventListener('popstate', restore)
      return () => browser.removeEventListener('popstate', restore)
    },
  }
}

/** Whether anything but the live list is asked for. */
export function isQuestion({ query, range }: Question): boolean {
  return query !== '' || range !== undefined
}

export function isSameQuestion(a: Question, b: Question): boolean {
  return a.query === b.query && isSameRange(a.range, b.range)
}

/** The address that asks this; whatever else the address says stays. */
function askedHref(href: string, { view, query, range, sort, by }: Asked): string {
  const url = new URL(href)
  const { searchParams } = url
  for (const name of ['view', 'q', 'sort', 'by']) searchParams.delete(name)
  if (view !== 'list') searchParams.set('view', view)
  if (query !== '') searchParams.set('q', query)
  writeRange(searchParams, range)
  if (printSort(sort) !== printSort(newestFirst)) searchParams.set('sort', printSort(sort))
  if (printOperationSort(by) !== printOperationSort(slowestFirst)) {
    searchParams.set('by', printOperationSort(by))
  }
  return url.href
}

/** The address of a view alone, whichever trace is open beside it. */
export function listHref(href: string, asked: Asked): string {
  return selectionHref(askedHref(href, asked), { traceId: undefined, spanId: undefined })
}

function read(href: string): Asked {
  const { searchParams } = new URL(href)
  return {
    view: parseView(searchParams.get('view')),
    query: searchParams.get('q')?.trim() ?? '',
    range: parseRange(searchParams),
    sort: parseSort(searchParams.get('sort')),
    by: parseOperationSort(searchParams.get('by')),
  }
}
