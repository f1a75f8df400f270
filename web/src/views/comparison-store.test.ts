import type { OtlpSpan } from '@pingtrace/otlp'
import { buildTraceTree } from '@pingtrace/trace-tree'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { summary } from '../explorer/summary.test-support.ts'
import {
  type FakeCollector,
  type StreamRequest,
  startFakeCollector,
} from '../viewer/fake-collector.test-support.ts'
import { makeSpan, wireSpan } from '../viewer/span.test-support.ts'
import { type ComparisonStore, createComparison } from './comparison-store.ts'

const [own, newer, ofOtherShape, ofSameShape] = ['1', '2', '3', '4'].map((digit) =>
  digit.repeat(32),
)
const root = { spanId: 'aa', name: 'place order' }
const child = { spanId: 'bb', name: 'charge', parentSpanId: 'aa' }
const trace = {
  traceId: own!,
  tree: buildTraceTree([root, child].map((span) => makeSpan(span, 'shop "1"'))),
}

let collector: FakeCollector
let comparison: ComparisonStore

beforeEach(async () => {
  collector = await startFakeCollector()
  comparison = createComparison(collector.url)
})
afterEach(async () => {
  comparison.stop()
  await collector.leave()
})

function answer({ response }: StreamRequest, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
async function answerSearch(...ids: string[]): Promise<URL> {
  const request = await collector.nextRequest()
  answer(request, { traces: ids.map((id) => summary(id, 1)), examined: 9 })
  return request.url
}
async function answerTrace(...spans: OtlpSpan[]): Promise<string> {
  const request = await collector.nextRequest()
  const resourceSpans = spans.map((span) => wireSpan(span, 'shop "1"'))
  answer(request, { result: { resourceSpans } })
  return request.url.pathname
}
const settled = () =>
  vi.waitUntil(() => {
    const state = comparison.getState()
    return state.other !== undefined || state.problem !== undefined ? state : false
  })

it('takes the one before of the same operation and shape', async () => {
  comparison.find(trace, undefined)
  const { pathname, searchParams } = await answerSearch(newer!, own!, ofOtherShape!, ofSameShape!)
  expect(pathname).toBe('/live/v1/search')
  expect(searchParams.get('q')).toBe(
    '{ trace:rootService = "shop \\"1\\"" && trace:rootName = "place order" }',
  )
  expect(await answerTrace(root)).toBe(`/api/v3/traces/${ofOtherShape}`)
  expect(await answerTrace(child, root)).toBe(`/api/v3/traces/${ofSameShape}`)
  const { other, earlier, read } = await settled()
  expect(other).toMatchObject({ traceId: ofSameShape, choice: 'shape', sameShape: true })
  expect(earlier.map(({ traceId }) => traceId)).toEqual([ofOtherShape, ofSameShape])
  expect(read).toBe(2)
})

it('takes the one before where none has the same shape, and says so', async () => {
  comparison.find(trace, undefined)
  await answerSearch(own!, ofOtherShape!)
  await answerTrace(root)
  expect((await settled()).other).toMatchObject({
    traceId: ofOtherShape,
    choice: 'operation',
    sameShape: false,
  })
})

it('looks further back for what came before an old trace', async () => {
  comparison.find(trace, undefined)
  await answerSearch(newer!)
  const { searchParams } = await answerSearch(own!, ofSameShape!)
  expect(searchParams.get('end')).toBe('0.000000002')
  await answerTrace(root, child)
  expect((await settled()).other).toMatchObject({ traceId: ofSameShape })
})

it('takes the one that was chosen, whichever that is', async () => {
  comparison.find(trace, newer)
  await answerSearch(newer!, own!)
  expect(await answerTrace(root)).toBe(`/api/v3/traces/${newer}`)
  expect((await settled()).other).toMatchObject({ traceId: newer, choice: 'asked' })
})

it('says that there is none, or why it cannot be read', async () => {
  comparison.find(trace, undefined)
  await answerSearch(own!)
  expect((await settled()).problem).toBe('No earlier trace of this operation is stored.')

  comparison.find(trace, ofSameShape)
  await answerSearch(own!)
  answer(await collector.nextRequest(), { error: { message: 'no span of it is stored' } }, 404)
  await vi.waitUntil(() => comparison.getState().problem?.includes('no span of it is stored'))
})
