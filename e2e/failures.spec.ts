import type { BackingService } from '../scripts/stack.ts'
import { startAnotherPage } from './another-page.ts'
import { expect, test } from './fixtures.ts'
import { asWaterfall, PingPage } from './ping-page.ts'
import { pingShape } from './stored-traces.ts'

const redisDown = `
client operation [pingtrace-web client] ERROR
  /ping [pingtrace-api server] ERROR
    redis_integration [pingtrace-api internal] ERROR
      server redis operation [pingtrace-api client] ERROR
    mongo_integration [pingtrace-api internal]
      server mongo operation [pingtrace-api client]
`.trim()

const mongodbDown = `
client operation [pingtrace-web client] ERROR
  /ping [pingtrace-api server] ERROR
    redis_integration [pingtrace-api internal]
      server redis operation [pingtrace-api client]
    mongo_integration [pingtrace-api internal] ERROR
      server mongo operation [pingtrace-api client] ERROR
`.trim()

const bothDown = `
client operation [pingtrace-web client] ERROR
  /ping [pingtrace-api server] ERROR
    redis_integration [pingtrace-api internal] ERROR
      server redis operation [pingtrace-api client] ERROR
    mongo_integration [pingtrace-api internal] ERROR
      server mongo operation [pingtrace-api client] ERROR
`.trim()

// Each test takes something away and gives it back; the stack is the worker's.
test.describe.configure({ mode: 'default' })

/** REDIS_URL or MONGODB_URL is set: what is behind it is not ours to stop. */
const isReal = ({ embedded }: BackingService) => !embedded

test('Redis down: the trace shows where, the other leg still runs, and it mends itself', async ({
  page,
  stack,
  stored,
}) => {
  test.skip(isReal(stack.redis), 'a real server')
  const ping = new PingPage(page)
  await ping.open()
  await stack.redis.stop()
  try {
    const traceId = await ping.ping()
    await expect(ping.result).toContainText('Status 503')
    await expect(ping.result).toContainText('redis: connection refused (ECONNREFUSED)')
    await expect(ping.behind).toContainText('not reachable')
    const spans = await stored.waitFor(traceId, redisDown)
    await ping.expectWaterfall(asWaterfall(redisDown))
    const span = spans.find(({ name }) => name === 'server redis operation')
    expect(span?.attributes['error.type']).toBe('ECONNREFUSED')
    expect(span?.events.map(({ name }) => name)).toEqual(['exception'])
  } finally {
    await stack.redis.start()
  }
  await expect(async () => {
    await ping.ping()
    await expect(ping.result).toContainText('Status 200', { timeout: 100 })
  }).toPass()
})

test('MongoDB down: the trace shows where, and it mends itself', async ({
  page,
  stack,
  stored,
}) => {
  test.skip(isReal(stack.mongodb), 'a real server')
  const ping = new PingPage(page)
  await ping.open()
  await stack.mongodb.stop()
  try {
    const traceId = await ping.ping()
    await expect(ping.result).toContainText('Status 503')
    await expect(ping.result).toContainText('mongo')
    await stored.waitFor(traceId, mongodbDown)
    await ping.expectWaterfall(asWaterfall(mongodbDown))
  } finally {
    await stack.mongodb.start()
  }
  await expect(async () => {
    await ping.ping()
    await expect(ping.result).toContainText('Status 200', { timeout: 100 })
  }).toPass()
})

test('both down: both legs are tried and named', async ({ page, stack, stored }) => {
  test.skip(isReal(stack.redis) || isReal(stack.mongodb), 'a real server')
  const ping = new PingPage(page)
  await ping.open()
  await Promise.all([stack.redis.stop(), stack.mongodb.stop()])
  try {
    const traceId = await ping.ping()
    await expect(ping.result).toContainText('Status 503')
    await expect(ping.result).toContainText('redis')
    await expect(ping.result).toContainText('mongo')
    await stored.waitFor(traceId, bothDown)
  } finally {
    await Promise.all([stack.redis.start(), stack.mongodb.start()])
  }
  await expect(async () => {
    await ping.ping()
    await expect(ping.result).toContainText('Status 200', { timeout: 100 })
  }).toPass()
})

test('API down: the page says that it is unreachable, and the trace has the failure', async ({
  page,
  stack,
  stored,
}) => {
  const ping = new PingPage(page)
  await ping.open()
  await stack.api.stop()
  try {
    const traceId = await ping.ping()
    await expect(ping.result).toContainText('cannot be reached')
    await expect(ping.behind).toContainText('the API does not answer')
    const [span] = await stored.waitFor(traceId, 'client operation [pingtrace-web client] ERROR')
    expect(span?.attributes['error.type']).toBe('TypeError')
  } finally {
    await stack.api.start()
  }
  await ping.ping()
  await expect(ping.result).toContainText('Status 200')
  await expect(ping.behind).toContainText('MongoDB: a small stand-in, not MongoDB (embedded)')
})

test('CORS refused: the page tells it from a server that is away', async ({
  page,
  stack,
  stored,
}) => {
  const stranger = await startAnotherPage(stack)
  try {
    const ping = new PingPage(page)
    await page.goto(stranger.url)
    const traceId = await ping.ping()
    await expect(ping.result).toContainText('CORS')
    // The collector's list has the same origins: it is not away either.
    await expect(ping.connection).toContainText('The collector refuses this page')
    await expect(ping.connection).toContainText(`PINGTRACE_WEB_PORT=${new URL(stranger.url).port}`)
    await stored.waitFor(traceId, 'client operation [pingtrace-web client] ERROR')
  } finally {
    await stranger.stop()
  }
})

test('a collector that hangs: the page says that it does not answer, and recovers', async ({
  page,
  stack,
}) => {
  const { pid } = stack.collector
  if (pid === undefined) throw new Error('the collector is not running')
  const ping = new PingPage(page)
  process.kill(pid, 'SIGSTOP')
  try {
    await page.goto('/')
    await expect(ping.connection).toContainText('does not answer', { timeout: 10_000 })
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  await expect(ping.connection).toHaveText('Live: connected to the collector', { timeout: 15_000 })
})

test('collector down and back: the application does not notice, and no span is lost', async ({
  page,
  stack,
  stored,
}) => {
  const ping = new PingPage(page)
  await ping.open()
  await stack.collector.stop()
  let traceId: string
  try {
    await expect(ping.connection).toContainText('The collector is away')
    traceId = await ping.ping()
    await expect(ping.result).toContainText('Status 200')
  } finally {
    await stack.collector.start()
  }
  await expect(ping.connection).toHaveText('Live: connected to the collector')
  await stored.waitFor(traceId, pingShape, 20_000)
  await ping.expectWaterfall(asWaterfall(pingShape))
})
