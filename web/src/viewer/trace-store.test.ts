import { arrivalWindowMs } from '@pingtrace/trace-facts'
import { buildTraceTree } from '@pingtrace/trace-tree'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pretendToBeAPage } from '../page.test-support.ts'
import { type FakeCollector, startFakeCollector } from './fake-collector.test-support.ts'
import { makeSpan, traceId, wireSpan } from './span.test-support.ts'
import { createTraceStore, type TraceState, type TraceStore } from './trace-store.ts'

const otherId = 'f'.repeat(32)

describe('createTraceStore', () => {
  let collector: FakeCollector
  let store: TraceStore

  beforeEach(async () => {
    pretendToBeAPage()
    collector = await startFakeCollector()
    store = createTraceStore(collector.url)
  })
  afterEach(async () => {
    store.show(undefined)
    await collector.leave()
  })

  function until(matches: (state: TraceState) => boolean): Promise<TraceState> {
    return new Promise((resolve) => {
      const check = (state: TraceState): void => {
        if (!matches(state)) return
        stop()
        resolve(state)
      }
      const stop = store.subscribe(check)
      check(store.getState())
    })
  }
  const untilSpans = (count: number): Promise<TraceState> =>
    until(({ shown }) => shown?.tree.spanCount === count)

  it('asks for the trace, and grows its tree with what arrives', async () => {
    store.show(traceId)
    const request = await collector.nextRequest()
    expect(request.url.searchParams.get('traceId')).toBe(traceId)
    request.open()
    request.send('spans', { resourceSpans: [] }, '1-0')
    expect((await until(({ answered }) => answered)).shown).toBeUndefined()
    request.send('spans', { resourceSpans: [wireSpan({ spanId: 'b', parentSpanId: 'a' })] }, '1-1')
    expect((await untilSpans(1)).shown?.tree.missingParents).toBe(1)
    request.send('spans', { resourceSpans: [wireSpan({ spanId: 'a' })] }, '1-2')
    expect((await untilSpans(2)).shown?.tree.missingParents).toBe(0)
  })

  it('counts what comes twice once', async () => {
    store.show(traceId)
    const request = await collector.nextRequest()
    request.open()
    request.send('spans', { resourceSpans: [wireSpan({ spanId: 'a' })] }, '1-1')
    request.send('spans', { resourceSpans: [wireSpan({ spanId: 'a' })] }, '1-2')
    request.send('spans', { resourceSpans: [wireSpan({ spanId: 'b' })] }, '1-3')
    expect((await untilSpans(2)).shown?.tree.conflicts).toBe(0)
  })

  it('keeps the trace before on the screen until the new one has something to show', async () => {
    store.show(traceId)
    const first = await collector.nextRequest()
    first.open()
    first.send('spans', { resourceSpans: [wireSpan({ spanId: 'a' })] }, '1-1')
    await untilSpans(1)
    store.show(otherId)
    await first.closed
    const second = await collector.nextRequest()
    second.open()
    second.send('spans', { resourceSpans: [] }, '1-1')
    const waiting = await until(({ answered }) => answered)
    expect(waiting).toMatchObject({ wanted: otherId, shown: { traceId } })
    second.send('spans', { resourceSpans: [wireSpan({ traceId: otherId, spanId: 'a' })] }, '1-2')
    await until(({ shown }) => shown?.traceId === otherId)
  })

  it('starts anew after a reset, but clears nothing before there is something to replace it', async () => {
    store.show(traceId)
    const request = await collector.nextRequest()
    request.open()
    const both = [wireSpan({ spanId: 'a' }), wireSpan({ spanId: 'b' })]
    request.send('spans', { resourceSpans: both }, '1-1')
    await untilSpans(2)
    const shown = store.getState().shown
    const changed = new Promise((resolve) => store.subscribe(resolve))
    request.send('reset', {}, '2-0')
    await changed
    expect(store.getState().shown).toBe(shown)
    request.send('spans', { resourceSpans: [wireSpan({ spanId: 'a' })] }, '2-1')
    await untilSpans(1)
  })

  it('is quiet when nothing has come for long, by the clock of the collector and then its own', async () => {
    const spans = (spanId: string, quietForMs: number) => ({
      resourceSpans: [wireSpan({ spanId, parentSpanId: 'a' })],
      quietForMs,
    })
    store.show(traceId)
    const request = await collector.nextRequest()
    request.open()
    request.send('spans', spans('b', arrivalWindowMs), '1-1')
    await until(({ isQuiet }) => isQuiet)
    request.send('spans', spans('c', arrivalWindowMs - 50), '1-2')
    expect((await untilSpans(2)).isQuiet).toBe(false)
    await until(({ isQuiet }) => isQuiet)
    store.show(otherId)
    expect(store.getState().isQuiet).toBe(false)
  })

  it('goes back to a trace of a file while another one is still awaited', async () => {
    const tree = buildTraceTree([makeSpan({ spanId: 'a' })])
    store.showWhole(traceId, tree)
    store.show(otherId)
    const request = await collector.nextRequest()
    store.showWhole(traceId, tree)
    await request.closed
    expect(store.getState()).toMatchObject({ wanted: traceId, shown: { tree }, isFromFile: true })
  })

  it('does not ask twice for the trace that it shows', async () => {
    store.show(traceId)
    store.show(traceId)
    await collector.nextRequest()
    store.show(otherId)
    expect((await collector.nextRequest()).url.searchParams.get('traceId')).toBe(otherId)
  })

  it('lets go of the trace when none is wanted', async () => {
    store.show(traceId)
    const request = await collector.nextRequest()
    request.open()
    request.send('spans', { resourceSpans: [wireSpan({ spanId: 'a' })] }, '1-1')
    await untilSpans(1)
    store.show(undefined)
    await request.closed
    expect(store.getState()).toMatchObject({ wanted: undefined, shown: undefined })
  })
})
