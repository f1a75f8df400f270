import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Span } from '@pingtrace/otlp'
import { expect, test } from './fixtures.ts'

// As it is without anybody's tests.
test.use({ stackEnv: {} })

const RATE = 500
const REQUESTS = 2_000
/** A machine that cannot do as many in time is slower, and not drowned. */
const MAX_IN_FLIGHT = 64

const fiveSpans = [
  '/ping',
  'mongo_integration',
  'redis_integration',
  'server mongo operation',
  'server redis operation',
]

test('restarting the collector under 500 requests a second loses no span', async ({
  stack,
  stored,
}) => {
  test.setTimeout(240_000)
  const url = `http://localhost:${stack.ports.api}/ping`
  const traceIds: string[] = []
  const inFlight = new Set<Promise<void>>()
  const ping = async (traceId: string) => {
    const response = await fetch(url, {
      headers: { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` },
    })
    await response.arrayBuffer()
  }

  const restarts: Promise<void>[] = []
  const began = performance.now()
  for (let sent = 0; sent < REQUESTS; sent++) {
    const wait = began + (sent * 1_000) / RATE - performance.now()
    if (wait > 0) await delay(wait)
    const traceId = randomBytes(16).toString('hex')
    traceIds.push(traceId)
    const answer = ping(traceId).finally(() => inFlight.delete(answer))
    inFlight.add(answer)
    if (inFlight.size >= MAX_IN_FLIGHT) await Promise.race(inFlight)
    if (sent === REQUESTS * 0.25) restarts.push(restart(() => stack.collector.stop()))
    if (sent === REQUESTS * 0.75) {
      await restarts[0]
      restarts.push(restart(() => stack.collector.kill()))
    }
  }
  const rate = (REQUESTS * 1_000) / (performance.now() - began)
  test.info().annotations.push({ type: 'requests a second', description: rate.toFixed(0) })
  await Promise.all([...inFlight, ...restarts])

  // Complete is what has its five spans; what never gets there is named, with what it has.
  let missing = traceIds
  const incomplete = async () => {
    const found = await inTurn(missing, (traceId) => stored.spans(traceId))
    const spans = new Map(missing.map((traceId, i) => [traceId, found[i] ?? []]))
    missing = missing.filter((traceId) => spans.get(traceId)?.length !== fiveSpans.length)
    for (const [traceId, has] of spans) if (!missing.includes(traceId)) complete.set(traceId, has)
    return missing.map((traceId) => [traceId, spans.get(traceId)?.map(({ name }) => name)])
  }
  const complete = new Map<string, Span[]>()
  await expect.poll(incomplete, { timeout: 60_000, intervals: [200] }).toEqual([])

  // Five spans, none of them twice: what was sent again is stored once.
  expect(complete.size).toBe(REQUESTS)
  for (const spans of complete.values()) {
    expect(spans.map(({ name }) => name).sort()).toEqual(fiveSpans)
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(fiveSpans.length)
  }

  async function restart(end: () => Promise<void>): Promise<void> {
    await end()
    await stack.collector.start()
  }
})

/** Ten at a time. */
async function inTurn<Item, Result>(
  items: Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const waiting = items.entries()
  const worker = async () => {
    for (const [index, item] of waiting) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: 10 }, worker))
  return results
}
