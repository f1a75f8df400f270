import { readSpans } from '@pingtrace/otlp'
import { buildTraceTree } from '@pingtrace/trace-tree'
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { pretendToBeAPage } from '../page.test-support.ts'
import {
  type FakeCollector,
  type StreamRequest,
  startFakeCollector,
} from '../viewer/fake-collector.test-support.ts'
import { traceId, wireSpan } from '../viewer/span.test-support.ts'
import { createTraceStore } from '../viewer/trace-store.ts'
import { createFindingsStore, type FindingsState } from './findings-store.ts'

let collector: FakeCollector
let stream: StreamRequest
let stop: () => void
let trace: ReturnType<typeof createTraceStore>
let findings: ReturnType<typeof createFindingsStore>

beforeEach(async () => {
  pretendToBeAPage()
  collector = await startFakeCollector()
  trace = createTraceStore(collector.url)
  findings = createFindingsStore(collector.url, trace)
  const unfollow = findings.follow()
  stop = () => {
    unfollow()
    trace.show(undefined)
  }
  trace.show(traceId)
  stream = await collector.nextRequest()
  stream.open()
})
afterEach(async () => {
  stop()
  await collector.leave()
})

function answer({ response }: StreamRequest, ...rules: string[]): void {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ findings: rules.map((rule) => ({ rule })) }))
}

const until = (matches: (state: FindingsState) => boolean): Promise<FindingsState> =>
  new Promise((resolve) => {
    const unsubscribe = findings.subscribe((state) => {
      if (!matches(state)) return
      unsubscribe()
      resolve(state)
    })
  })

it('asks about the trace that is shown, and again when it has grown', async () => {
  stream.send('spans', { resourceSpans: [wireSpan({ spanId: 'a' })] }, '1-1')
  const first = await collector.nextRequest()
  expect(first.url.pathname).toBe(`/live/v1/traces/${traceId}/findings`)
  answer(first, 'wrong-kind')
  expect((await until(({ traceId: id }) => id === traceId)).findings).toHaveLength(1)
  stream.send('spans', { resourceSpans: [wireSpan({ spanId: 'b' })] }, '1-2')
  answer(await collector.nextRequest())
  await until((state) => state.findings.length === 0)
})

it('says nothing where the collector knows no findings, and asks again all the same', async () => {
  stream.send('spans', { resourceSpans: [wireSpan({ spanId: 'a' })] }, '1-1')
  const refused = await collector.nextRequest()
  refused.response.writeHead(404).end()
  stream.send('spans', { resourceSpans: [wireSpan({ spanId: 'b' })] }, '1-2')
  const again = await collector.nextRequest()
  expect(findings.getState()).toEqual({ traceId: undefined, findings: [] })
  answer(again, 'wrong-kind')
  await until((state) => state.findings.length === 1)
})

it('asks one question at a time, however long the doctor takes', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const fetched = vi.spyOn(globalThis, 'fetch')
  onTestFinished(() => fetched.mockRestore())
  const grow = async (spanId: string): Promise<void> => {
    stream.send('spans', { resourceSpans: [wireSpan({ spanId })] }, `1-${spanId}`)
    await new Promise<void>((resolve) => {
      const unsubscribe = trace.subscribe(({ shown }) => {
        if (!shown?.tree.nodes.has(spanId)) return
        unsubscribe()
        resolve()
      })
    })
    await vi.advanceTimersByTimeAsync(5_000)
  }
  await grow('a')
  const slow = await collector.nextRequest()
  await grow('b')
  expect(fetched).toHaveBeenCalledOnce()
  answer(slow, 'wrong-kind')
  await until((state) => state.findings.length === 1)
  await vi.advanceTimersByTimeAsync(5_000)
  answer(await collector.nextRequest())
  await until((state) => state.findings.length === 0)
})

it('takes no nonsense for an answer, and asks again', async () => {
  stream.send('spans', { resourceSpans: [wireSpan({ spanId: 'a' })] }, '1-1')
  const wrong = await collector.nextRequest()
  wrong.response.end('<html>')
  stream.send('spans', { resourceSpans: [wireSpan({ spanId: 'b' })] }, '1-2')
  answer(await collector.nextRequest(), 'wrong-kind')
  await until((state) => state.findings.length === 1)
})

it('looks in the page at a trace of a file, with the file’s other traces around it', async () => {
  const spans = readSpans({
    resourceSpans: [wireSpan({ spanId: 'a', name: 'GET /users/4711' })],
  })
  const tree = buildTraceTree(spans)
  const { traceId: id } = spans[0]!
  const inFile = createFindingsStore(undefined, trace, () => new Map([[id, { tree }]]))
  onTestFinished(inFile.follow())
  const found = new Promise<FindingsState>((resolve) => {
    inFile.subscribe((state) => state.traceId === id && resolve(state))
  })
  trace.showWhole(id, tree)
  expect((await found).findings.map(({ rule }) => rule)).toContain('high-cardinality-name')
})
