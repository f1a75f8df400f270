import { createStore, type StoreApi } from 'zustand/vanilla'
import { type BrowserHistory, selectionHref } from '../viewer/selection.ts'
import { newestFirst, parseSort, printSort, type TraceSort } from './trace-sort.ts'

/** What somebody wants to see in the list. */
export interface Asked {
  /** In the collector's subset of TraceQL; empty: every trace. It may be wrong: links are typed too. */
  query: string
  sort: TraceSort
}

export interface AskedStore extends StoreApi<Asked> {
  ask(query: string): void
  sortBy(sort: TraceSort): void
  /** Listens to the browser's back and forward. */
  followHistory(): () => void
}

/**
 * The question of the list. It lives in the address (`?q=&sort=`), each change a step in the history,
 * so that back, forward, a reload and a copied link ask it again.
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
    followHistory: () => {
      const restore = (): void => store.setState(read(browser.location.href))
      browser.addEventListener('popstate', restore)
      return () => browser.removeEventListener('popstate', restore)
    },
  }
}

/** The address that asks this; whatever else the address says stays. */
function askedHref(href: string, { query, sort }: Asked): string {
  const url = new URL(href)
  url.searchParams.delete('q')
  url.searchParams.delete('sort')
  if (query !== '') url.searchParams.set('q', query)
  if (printSort(sort) !== printSort(newestFirst)) url.searchParams.set('sort', printSort(sort))
  return url.href
}

/** The address of the list alone, whichever trace is open beside it. */
export function listHref(href: string, asked: Asked): string {
  return selectionHref(askedHref(href, asked), { traceId: undefined, spanId: undefined })
}

function read(href: string): Asked {
  const { searchParams } = new URL(href)
  return { query: searchParams.get('q')?.trim() ?? '', sort: parseSort(searchParams.get('sort')) }
}
