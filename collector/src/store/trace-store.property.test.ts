import { readSpans } from '@pingtrace/otlp'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { request, span, spanIdOf, temporaryFolder, traceIdOf } from '../testing.ts'
import { defaultRetention } from './retention.ts'
import { TraceStore } from './trace-store.ts'

/** Few ids and few contents, so that resent spans and versions of a span are common. */
const anySpan = fc.record({
  trace: fc.integer({ min: 1, max: 3 }),
  id: fc.integer({ min: 1, max: 4 }),
  name: fc.constantFrom('a', 'b'),
  error: fc.boolean(),
  start: fc.integer({ min: 1, max: 9 }),
})
type AnySpan = typeof anySpan extends fc.Arbitrary<infer T> ? T : never
const service = fc.constantFrom('web', 'api')
const requests = fc.array(
  fc.record({ service, spans: fc.array(anySpan, { minLength: 1, maxLength: 6 }) }),
  { maxLength: 12 },
)
/** What happens between two requests: nothing, or the store is let finish its sealing, or it dies. */
const between = fc.constantFrom(
  'nothing',
  'nothing',
  'sealing',
  'restart',
  'restart in mid-sealing',
)

/** What the store should say, worked out from a list of distinct spans. */
function model(sent: { service: string; spans: AnySpan[] }[]) {
  const distinct = new Map<string, AnySpan & { service: string }>()
  for (const { service, spans } of sent) {
    for (const each of spans) {
      const key = JSON.stringify([service, each])
      if (!distinct.has(key)) distinct.set(key, { ...each, service })
    }
  }
  const spans = [...distinct.values()]
  const newestFirst = [...new Set(spans.map(({ trace }) => trace).reverse())]
  return newestFirst.map((trace) => {
    const own = spans.filter((each) => each.trace === trace)
    return {
      traceId: traceIdOf(trace),
      spanCount: own.length,
      errorCount: own.filter(({ error }) => error).length,
      services: [...new Set(own.map((each) => each.service))],
      startTimeUnixNano: String(Math.min(...own.map(({ start }) => start))),
      contents: own.map((each) => `${each.service} ${each.id} ${each.name} ${each.start}`).sort(),
    }
  })
}

function payloadOf({ service, spans }: { service: string; spans: AnySpan[] }) {
  const fields = ({ name, error, start }: AnySpan) => ({
    name,
    startTimeUnixNano: start,
    status: { code: error ? 2 : 0 },
  })
  return request(
    service,
    ...spans.map((each) => span(traceIdOf(each.trace), spanIdOf(each.id), fields(each))),
  )
}

function answers(store: TraceStore) {
  return store.recentTraces(10).map((summary) => {
    const { traceId, spanCount, errorCount, services, startTimeUnixNano } = summary
    const contents = readSpans(store.readTrace(traceId).content)
      .map((each) => `${each.service} ${Number(each.spanId)} ${each.name} ${each.start}`)
      .sort()
    return { traceId, spanCount, errorCount, services, startTimeUnixNano, contents }
  })
}

it('answers like a plain list of distinct spans, before and after a restart', async () => {
  await fc.assert(
    fc.asyncProperty(requests, async (sent) => {
      const folder = temporaryFolder()
      const store = new TraceStore(folder)
      const payloads = sent.map(payloadOf)
      // Neighbours share a write; the promise of the last is the last to resolve.
      await Promise.all(
        payloads.map((payload) => store.consumeTraces({ receiver: 'otlp-grpc', payload })),
      )
      expect(answers(store)).toEqual(model(sent))
      store.close()

      const again = new TraceStore(folder)
      expect(answers(again)).toEqual(model(sent))
      again.close()
    }),
    // Each run opens two stores on a real folder.
    { numRuns: 40 },
  )
})

it('answers so when nearly all of it is sealed, whenever it is opened anew', async () => {
  const steps = fc.array(fc.tuple(requests, between), { maxLength: 12 })
  // A segment is full after two or three requests.
  const limits = { bytes: 500, age: Number.POSITIVE_INFINITY, sealFrom: 0 }
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const folder = temporaryFolder()
      const open = () => new TraceStore(folder, defaultRetention, { limits })
      let store = open()
      const sent: { service: string; spans: AnySpan[] }[] = []
      for (const [some, then] of all) {
        for (const each of some) {
          await store.consumeTraces({ receiver: 'otlp-grpc', payload: payloadOf(each) })
          sent.push(each)
        }
        if (then === 'sealing' || then === 'restart') await store.settled()
        if (then.startsWith('restart')) {
          store.close()
          store = open()
        }
        expect(answers(store)).toEqual(model(sent))
      }
      await store.settled()
      expect(answers(store)).toEqual(model(sent))
      store.close()
    }),
    { numRuns: 25 },
  )
})
