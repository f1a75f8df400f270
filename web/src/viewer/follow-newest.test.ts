import type { TraceSummary } from '@pingtrace/otlp'
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { createStore } from 'zustand/vanilla'
import { followNewest } from './follow-newest.ts'
import type { RecentState, RecentStore } from './recent-store.ts'
import { createSelection } from './selection.ts'

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => {
    vi.useRealTimers()
  })
})

const idOf = (n: number) => n.toString(16).padStart(32, '0')

/** A list that the test fills, and the selection that follows it. */
function viewerAt(search = '') {
  const state: RecentState = { traces: [], answered: true, stream: { state: 'live' } }
  const recent: RecentStore = {
    ...createStore<RecentState>(() => state),
    follow: () => () => undefined,
  }
  const selection = createSelection({
    location: { href: `http://localhost:16686/${search}` },
    history: { pushState: () => undefined, replaceState: () => undefined },
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  })
  const stop = followNewest({ recent, selection })
  onTestFinished(stop)
  return {
    selection,
    stop,
    list: (...ids: number[]) =>
      recent.setState({ traces: ids.map((n) => ({ traceId: idOf(n) }) as TraceSummary) }),
    shown: () => selection.getState().traceId,
  }
}

it('shows the newest of what the collector has, and each new one', () => {
  const { list, shown } = viewerAt()
  list(2, 1)
  expect(shown()).toBe(idOf(2))
  vi.advanceTimersByTime(1_000)
  list(3, 2, 1)
  expect(shown()).toBe(idOf(3))
})

it('leaves each on the screen for a second, and then shows the newest of those that came', () => {
  const { list, shown } = viewerAt()
  list(1)
  list(2, 1)
  list(3, 2, 1)
  expect(shown()).toBe(idOf(1))
  vi.advanceTimersByTime(1_000)
  expect(shown()).toBe(idOf(3))
})

it('does not go back to a trace that only grew', () => {
  const { list, shown } = viewerAt()
  list(2, 1)
  vi.advanceTimersByTime(1_000)
  list(1, 2)
  vi.advanceTimersByTime(1_000)
  expect(shown()).toBe(idOf(2))
})

it('keeps what somebody picked, until they ask for the newest again', () => {
  const { list, shown, selection } = viewerAt()
  list(2, 1)
  selection.pick(idOf(1))
  vi.advanceTimersByTime(1_000)
  list(3, 2, 1)
  expect(shown()).toBe(idOf(1))
  selection.followPings()
  vi.advanceTimersByTime(1_000)
  list(4, 3, 2, 1)
  expect(shown()).toBe(idOf(4))
})

it('keeps the trace that the address names', () => {
  const { list, shown, selection } = viewerAt(`?trace=${idOf(7)}`)
  list(8, 7)
  expect(shown()).toBe(idOf(7))
  expect(selection.getState().following).toBe(false)
})

it('stops', () => {
  const { list, shown, stop } = viewerAt()
  list(1)
  list(2, 1)
  stop()
  vi.advanceTimersByTime(1_000)
  list(3, 2, 1)
  expect(shown()).toBe(idOf(1))
})
