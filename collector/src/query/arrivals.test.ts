import type { TraceArrivals } from '@pingtrace/otlp'
import { expect, it } from 'vitest'
import {
  request,
  span,
  spanIdOf,
  startTestCollector,
  temporaryFolder,
  traceIdOf,
} from '../testing.ts'

const traceId = traceIdOf(1)

it('answers which spans came with which request, and when, also after a restart', async () => {
  const dataDir = temporaryFolder()
  const collector = await startTestCollector(dataDir)
  const before = Date.now()
  await collector.send(request('shop', span(traceId, spanIdOf(3), { parentSpanId: spanIdOf(1) })))
  await collector.send(request('shop', span(traceIdOf(2), spanIdOf(1))))
  await collector.send(request('shop', span(traceId, spanIdOf(2)), span(traceId, spanIdOf(1))))
  // Sent again, it is the span that has arrived already.
  await collector.send(request('shop', span(traceId, spanIdOf(1))))

  const read = async (from: typeof collector) => {
    const response = await from.query(`/live/v1/traces/${traceId.toUpperCase()}/arrivals`)
    const { arrivals, laterSpans } = (await response.json()) as TraceArrivals
    expect(laterSpans).toBe(0)
    return arrivals
  }
  const arrivals = await read(collector)
  expect(arrivals.map(({ spanIds }) => spanIds)).toEqual([
    [spanIdOf(3)],
    [spanIdOf(2), spanIdOf(1)],
  ])
  const times = arrivals.map(({ at }) => at)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(times[0]).toBeGreaterThanOrEqual(before)
  expect(times.at(-1)).toBeLessThanOrEqual(Date.now())

  await collector.close()
  expect(await read(await startTestCollector(dataDir))).toEqual(arrivals)
})

it('lists no more spans than it may, and says how many came later', async () => {
  const collector = await startTestCollector(undefined, { queryLimits: { arrivals: 3 } })
  for (let n = 1; n <= 7; n += 2) {
    const both = [span(traceId, spanIdOf(n)), span(traceId, spanIdOf(n + 1))]
    await collector.send(request('shop', ...both))
  }
  const response = await collector.query(`/live/v1/traces/${traceId}/arrivals`)
  const { arrivals, laterSpans } = (await response.json()) as TraceArrivals
  expect(arrivals.map(({ spanIds }) => spanIds)).toEqual([[1, 2].map(spanIdOf), [spanIdOf(3)]])
  expect(laterSpans).toBe(5)
})

it.each([
  ['xyz', 400],
  [traceIdOf(9), 404],
])('refuses %s', async (id, status) => {
  const collector = await startTestCollector()
  expect((await collector.query(`/live/v1/traces/${id}/arrivals`)).status).toBe(status)
})
