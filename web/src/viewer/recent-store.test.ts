import type { TraceSummary } from '@pingtrace/otlp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pretendToBeAPage } from '../page.test-support.ts'
import {
  type FakeCollector,
  type StreamRequest,
  startFakeCollector,
} from './fake-collector.test-support.ts'
import { createRecentStore, type RecentStore } from './recent-store.ts'

function summary(traceId: string, arrivedAt: number, spanCount = 1): TraceSummary {
  return {
    traceId,
    name: 'client operation',
    service: 'pingtrace-web',
    hasRoot: true,
    services: ['pingtrace-web'],
    spanCount,
    errorCount: 0,
    startTimeUnixNano: '1',
    durationNano: '1',
    arrivedAt,
  }
}

describe('createRecentStore', () => {
  let collector: FakeCollector
  let store: RecentStore
  let stop: () => void
  let request: StreamRequest

  beforeEach(async () => {
    pretendToBeAPage()
    collector = await startFakeCollector()
    store = createRecentStore(collector.url)
    stop = store.follow()
    request = await collector.nextRequest()
    request.open()
  })
  afterEach(async () => {
    stop()
    await collector.leave()
  })

  /** Sends what changed, and resolves with the ids listed after that. */
  async function listedAfter(event: string, ...traces: TraceSummary[]): Promise<string[]> {
    const changed = new Promise<void>((resolve) => {
      const leave = store.subscribe((now, before) => {
        if (now.traces === before.traces && now.answered === before.answered) return
        leave()
        resolve()
      })
    })
    request.send(event, { traces })
    await changed
    return store.getState().traces.map((trace) => trace.traceId)
  }

  it('knows an empty collector from one that has not answered', async () => {
    expect(store.getState().answered).toBe(false)
    expect(await listedAfter('traces')).toEqual([])
    expect(store.getState().answered).toBe(true)
  })

  it('lists the newest arrival first, and moves a trace up when more of it arrives', async () => {
    expect(await listedAfter('traces', summary('b', 20), summary('a', 10))).toEqual(['b', 'a'])
    expect(await listedAfter('traces', summary('c', 30))).toEqual(['c', 'b', 'a'])
    expect(await listedAfter('traces', summary('a', 40, 2))).toEqual(['a', 'c', 'b'])
    expect(store.getState().traces[0]?.spanCount).toBe(2)
  })

  it('keeps the order of the collector among those of one millisecond', async () => {
    await listedAfter('traces', summary('a', 10))
    expect(await listedAfter('traces', summary('c', 10), summary('b', 10))).toEqual(['c', 'b', 'a'])
  })

  it('holds fifty at most', async () => {
    const many = Array.from({ length: 60 }, (_, index) => summary(`${index}`, 1_000 - index))
    const listed = await listedAfter('traces', ...many)
    expect(listed).toHaveLength(50)
    expect(listed[0]).toBe('0')
  })

  it('forgets everything on a reset', async () => {
    await listedAfter('traces', summary('a', 10))
    expect(await listedAfter('reset')).toEqual([])
    expect(await listedAfter('traces', summary('b', 5))).toEqual(['b'])
  })
})
