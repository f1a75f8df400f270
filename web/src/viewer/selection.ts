import { createStore, type StoreApi } from 'zustand/vanilla'

export interface Selection {
  traceId: string | undefined
  /** A node of the trace's tree whose detail is open. */
  spanId: string | undefined
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
  /** Listens to the browser's back and forward. */
  followHistory(): () => void
}

/** The address bar and its history, as far as the selection needs them. */
export type BrowserHistory = Pick<Window, 'addEventListener' | 'removeEventListener'> & {
  location: Pick<Location, 'href'>
  history: Pick<History, 'pushState' | 'replaceState'>
}

/**
 * What is being looked at. It lives in the address (`?trace=&span=`), so that a reload and a copied
 * link show it again. Only a pick makes a step in the history: pings would bury the way back.
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

  return {
    ...store,
    pinged: (traceId, byHand) => {
      latestPing = traceId
      if (!byHand && !store.getState().following) return
      select({ traceId, spanId: undefined, following: true }, 'replaceState')
    },
    pick: (traceId, spanId) => select({ traceId, spanId, following: false }, 'pushState'),
    followPings: () => {
      if (latestPing === undefined) store.setState({ following: true })
      else select({ traceId: latestPing, spanId: undefined, following: true }, 'pushState')
    },
    openSpan: (spanId) => select({ spanId }, 'replaceState'),
    followHistory: () => {
      const restore = (): void =>
        store.setState({ ...read(browser.location.href), following: false })
      browser.addEventListener('popstate', restore)
      return () => browser.removeEventListener('popstate', restore)
    },
  }
}

/** The address that shows a trace and a span; whatever else the address says stays. */
export function selectionHref(
  href: string,
  { traceId, spanId }: Pick<Selection, 'traceId' | 'spanId'>,
): string {
  const url = new URL(href)
  url.searchParams.delete('trace')
  url.searchParams.delete('span')
  if (traceId !== undefined) url.searchParams.set('trace', traceId)
  if (spanId !== undefined) url.searchParams.set('span', spanId)
  return url.href
}

/** An address is anybody's: what is no trace id, or no node of a tree, is nothing. */
function read(href: string): Pick<Selection, 'traceId' | 'spanId'> {
  const { searchParams } = new URL(href)
  const traceId = searchParams.get('trace')?.toLowerCase()
  const spanId = searchParams.get('span')?.toLowerCase()
  if (traceId === undefined || !/^[0-9a-f]{32}$/.test(traceId)) {
    return { traceId: undefined, spanId: undefined }
  }
  return {
    traceId,
    spanId: spanId !== undefined && /^[0-9a-f]{16}(~\d+)?$/.test(spanId) ? spanId : undefined,
  }
}
