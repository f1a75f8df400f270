import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from './fixtures.ts'

const RATE = 500
const REQUESTS = 2_000
/** A machine that cannot do as many in time is slower, and not drowned. */
const MAX_IN_FLIGHT = 64

const callOfTheTest = `
/ping [pingtrace-api server]
  mongo_integration [pingtrace-api internal]
    server mongo operation [pingtrace-api client]
  redis_integration [pingtrace-api internal]
    server redis operation [pingtrace-api client]
`.trim()

test('restarting the collector under 500 requests a second loses no span', async ({
  stack,
  traces,
}) => {
  test.setTimeout(240_000)
  const url = `http://localhost:${stack.ports.api}/ping`
  const inFlight = new Set<Promise<void>>()
  const restart = async (end: () => Promise<void>) => {
    await end()
    await stack.collector.start()
  }
  const pingAll = async (headers: HeadersInit) => {
    const restarts: Promise<void>[] = []
    const began = performance.now()
    for (let sent = 0; sent < REQUESTS; sent++) {
      const wait = began + (sent * 1_000) / RATE - performance.now()
      if (wait > 0) await delay(wait)
      const answer = ping(url, headers).finally(() => inFlight.delete(answer))
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
  }

  const trace = await traces.during('ping, stop, ping, kill, ping', (p) => pingAll(p.headers), {
    timeoutMs: 60_000,
  })
  // Nothing was dropped, and what was sent again is stored once.
  expect(trace.verdict).toEqual({ kind: 'exact' })
  expect(new Set(trace.spans.map(({ spanId }) => spanId)).size).toBe(trace.spans.length)
  // Whether a database was in time on a busy machine is no matter here.
  const shape = trace.shape().replaceAll(' ERROR', '')
  expect(shape).toBe(Array(REQUESTS).fill(callOfTheTest).join('\n'))
})

async function ping(url: string, headers: HeadersInit): Promise<void> {
  const response = await fetch(url, { headers })
  await response.arrayBuffer()
}
