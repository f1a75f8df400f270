import type { StoreApi } from 'zustand/vanilla'
import type { RecentState } from './recent-store.ts'
import type { SelectionStore } from './selection.ts'

interface Followed {
  /** A list in any order. */
  recent: Pick<StoreApi<Pick<RecentState, 'traces'>>, 'getState' | 'subscribe'>
  selection: SelectionStore
}

/** Under load traces come by the hundred: nobody could look at one that is gone in a blink. */
const showForMs = 1_000

/**
 * Shows each trace that is new in the list, while nobody has picked one; the newest of those that
 * come within a second. A trace that the address names was picked by whoever gave the link.
 * @returns stops it
 */
export function followNewest({ recent, selection }: Followed) {
  if (selection.getState().traceId !== undefined) selection.setState({ following: false })
  let known = new Set(recent.getState().traces.map(({ traceId }) => traceId))
  let newest: string | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const show = (): void => {
    timer = undefined
    if (newest === undefined) return
    selection.pinged(newest, false)
    newest = undefined
    timer = setTimeout(show, showForMs)
  }
  const unsubscribe = recent.subscribe(({ traces }, before) => {
    if (traces === before.traces) return
    const byArrival = traces.toSorted((a, b) => b.arrivedAt - a.arrivedAt)
    // One that only grew is not news, or two at once would take turns for ever.
    const found = byArrival.find(({ traceId }) => !known.has(traceId))
    known = new Set(traces.map(({ traceId }) => traceId))
    if (found === undefined) return
    newest = found.traceId
    if (timer === undefined) show()
  })
  return () => {
    unsubscribe()
    clearTimeout(timer)
  }
}
