import { createStore, type StoreApi } from 'zustand/vanilla'
import { isTraceTab, type TraceTab } from './trace-tabs.ts'

/** Times as they were sent, or as if all clocks had shown the same. */
export type ClockView = 'raw' | 'adjusted'

export interface Selection {
  traceId: string | undefined
  /** A node of the trace's tree whose detail is open. */
  spanId: string | undefined
  /** How the trace is looked at; another trace is looked at in the same way. */
  tab: TraceTab
  /** Which times are shown; another trace is looked at in the same way. */
  clocks: ClockView
  /** The trace that it is compared with, where somebody chose one. */
  otherId: string | undefined
  /** Each new ping's trace is shown. Picking a trace ends it, so that auto-ping takes none away. */
  following: boolean
}

export interface SelectionStore extends StoreApi<Selection> {
  /**
   * A ping was made. Its trace is shown while following; a ping that somebody made by hand is one
   * that they want to see, so it resumes the following.
   */
  pinged(traceId: string, byHand: boolean): void
  /** Somebody chose a trace, and maybe a span in it: it stays until they say otherwise. */
  pick(traceId: string, spanId?: string): void
  /** Shows the newest ping again, and each one after it. */
  followPings(): void
  openSpan(spanId: string | undefined): void
  openTab(tab: TraceTab): void
  showClocks(clocks: ClockView): void
  /** Undefined: with the one before it. */
  compareWith(otherId: string | undefined): void
  /** Listens to the browser's back and forward. */
  followHistory(): () => void
}

/** The address bar and its history, as far as the selection needs them. */
export type BrowserHistory = Pick<Window, 'addEventListener' | 'removeEventListener'> & {
  location: Pick<Location, 'href'>
  history: Pick<History, 'pushState' | 'replaceState'>
}

/**
 * What is being looked at. It lives in the address (`?trace=&span=&tab=&clocks=&with=`), so that a reload and
 * a copied link show it again. Only a pick makes a step in the history: pings would bury the way back.
 */
export function createSelection(browser: BrowserHistory): SelectionStore {
  let latestPing: string | undefined
  // A trace from the address is shown until the first ping: a reload must not stop the following.
  const store = createStore<Selection>(() => ({ ...read(browser.location.href), following: true }))

  function select(change: Partial<Selection>, step: 'pushState' | 'replaceState'): void {
    store.setState(change)
    const href = selectionHref(browser.location.href, store.getState())
    if (href !== browser.location.href) browser.history[step](null, '', href)
  }

  /** What is said of one trace says nothing of another. */
  const another = (traceId: string, spanId?: string) => ({ traceId, spanId, otherId: undefined })

  return {
    ...store,
    pinged: (traceId, byHand) => {
      latestPing = traceId
      if (!byHand && !store.getState().following) return
      select({ ...another(traceId), following: true }, 'replaceState')
    },
    pick: (traceId, spanId) =>
      select({ ...another(traceId, spanId), following: false }, 'pushState'),
    followPings: () => {
      if (latestPing === undefined) store.setState({ following: true })
      else select({ ...another(latestPing), following: true }, 'pushState')
    },
    openSpan: (spanId) => select({ spanId }, 'replaceState'),
    openTab: (tab) => select({ tab }, 'replaceState'),
    showClocks: (clocks) => select({ clocks }, 'replaceState'),
    compareWith: (otherId) => select({ otherId }, 'replaceState'),
    followHistory: () => {
      const restore = (): void =>
        store.setState({ ...read(browser.location.href), following: false })
      browser.addEventListener('popstate', restore)
      return () => browser.removeEventListener('popstate', restore)
    },
  }
}

type Shown = Pick<Selection, 'traceId' | 'spanId'> &
  Partial<Pick<Selection, 'tab' | 'clocks' | 'otherId'>>

/** The address that shows a trace and a span; whatever else the address says stays. */
export function selectionHref(href: string, shown: Shown): string {
  const { traceId, spanId, tab, clocks, otherId } = shown
  const url = new URL(href)
  const set = (name: string, value: string | undefined): void => {
    url.searchParams.delete(name)
    if (value !== undefined) url.searchParams.set(name, value)
  }
  set('trace', traceId)
  set('span', spanId)
  if (tab !== undefined) set('tab', tab === 'waterfall' ? undefined : tab)
  if (clocks !== undefined) set('clocks', clocks === 'raw' ? undefined : clocks)
  set('with', otherId)
  return url.href
}

type Addressed = Omit<Selection, 'following'>

/** An address is anybody's: what is no trace id, or no node of a tree, is nothing. */
function read(href: string): Addressed {
  const { searchParams } = new URL(href)
  const lower = (name: string) => searchParams.get(name)?.toLowerCase() ?? ''
  const tab = searchParams.get('tab')
  const selection: Addressed = {
    traceId: undefined,
    spanId: undefined,
    tab: isTraceTab(tab) ? tab : 'waterfall',
    clocks: searchParams.get('clocks') === 'adjusted' ? 'adjusted' : 'raw',
    otherId: undefined,
  }
  if (!isTraceId(lower('trace'))) return selection
  selection.traceId = lower('trace')
  if (/^[0-9a-f]{16}(~\d+)?$/.test(lower('span'))) selection.spanId = lower('span')
  if (isTraceId(lower('with'))) selection.otherId = lower('with')
  return selection
}

function isTraceId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text)
}
