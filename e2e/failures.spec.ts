import type { BackingService } from '../scripts/stack.ts'
import { startAnotherPage } from './another-page.ts'
import { expect, test } from './fixtures.ts'
import { without } from './outage.ts'
import { PingPage } from './ping-page.ts'
import { call, down, failed, mongo, ping, redis, route, step } from './spans.ts'

// Each test takes something of the worker's stack away, and gives it back.
test.describe.configure({ mode: 'default' })

/** REDIS_URL or MONGODB_URL is set: what is behind it is not ours to stop. */
const isReal = ({ embedded }: BackingService) => !embedded

test('Redis down: the trace shows where, the other leg still runs, and it mends itself', async ({
  page,
  stack,
  traces,
}) => {
  test.skip(isReal(stack.redis), 'a real server')
  const app = new PingPage(page)
  await app.open()
  await without([stack.redis], async () => {
    const trace = await traces.during('ping without Redis', () => app.ping())
    await expect(app.result).toContainText('Status 503')
    await expect(app.result).toContainText('redis: connection refused (ECONNREFUSED)')
    await expect(app.behind).toContainText('not reachable')
    const withoutRedis = failed(call(failed(route('/ping', down(redis), mongo))))
    expect(trace).toMatchSpans(withoutRedis)
    await app.expectWaterfall(step('ping without Redis', withoutRedis))
    const span = trace.find({ name: 'server redis operation', error: 'ECONNREFUSED' })
    expect(span.events.map(({ name }) => name)).toEqual(['exception'])
  })
  await pingUntilWell(app)
})

test('MongoDB down: the trace shows where, and it mends itself', async ({
  page,
  stack,
  traces,
}) => {
  test.skip(isReal(stack.mongodb), 'a real server')
  const app = new PingPage(page)
  await app.open()
  await without([stack.mongodb], async () => {
    const trace = await traces.during('ping without MongoDB', () => app.ping())
    await expect(app.result).toContainText('Status 503')
    await expect(app.result).toContainText('mongo')
    expect(trace).toMatchSpans(failed(call(failed(route('/ping', redis, down(mongo))))))
  })
  await pingUntilWell(app)
})

test('both down: both legs are tried and named', async ({ page, stack, traces }) => {
  test.skip(isReal(stack.redis) || isReal(stack.mongodb), 'a real server')
  const app = new PingPage(page)
  await app.open()
  await without([stack.redis, stack.mongodb], async () => {
    const trace = await traces.during('ping without both', () => app.ping())
    await expect(app.result).toContainText('Status 503')
    await expect(app.result).toContainText('redis')
    await expect(app.result).toContainText('mongo')
    expect(trace).toMatchSpans(down(ping))
  })
  await pingUntilWell(app)
})

test('API down: the page says that it is unreachable, and the trace has the failure', async ({
  page,
  stack,
  traces,
}) => {
  const app = new PingPage(page)
  await app.open()
  await without([stack.api], async () => {
    const trace = await traces.during('ping without the API', () => app.ping())
    await expect(app.result).toContainText('cannot be reached')
    await expect(app.behind).toContainText('the API does not answer')
    expect(trace).toMatchSpans(failed(call(), 'TypeError'))
    // Who is away cannot tell that it has nothing to tell.
    const api = `http://localhost:${stack.ports.api}`
    const because = `${api} does not tell what it has exported and dropped`
    expect(trace.verdict).toEqual({ kind: 'visible', because })
  })
  await app.ping()
  await expect(app.result).toContainText('Status 200')
  await expect(app.behind).toContainText('MongoDB: a small stand-in, not MongoDB (embedded)')
})

test('CORS refused: the page tells it from a server that is away', async ({
  page,
  stack,
  traces,
}) => {
  const stranger = await startAnotherPage(stack, { PINGTRACE_FLUSH_HOOK: '1' })
  try {
    const app = new PingPage(page)
    await page.goto(stranger.url)
    const trace = await traces.during('ping from a stranger', () => app.ping())
    await expect(app.result).toContainText('CORS')
    // The collector's list has the same origins: it is not away either.
    await expect(app.connection).toContainText('The collector refuses this page')
    await expect(app.connection).toContainText(`PINGTRACE_WEB_PORT=${new URL(stranger.url).port}`)
    expect(trace).toMatchSpans(failed(call(), 'TypeError'))
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
  const app = new PingPage(page)
  process.kill(pid, 'SIGSTOP')
  try {
    await page.goto('/')
    await expect(app.connection).toContainText('does not answer')
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  await expect(app.connection).toHaveText('Live: connected to the collector')
})

test('collector down and back: the application does not notice, and no span is lost', async ({
  page,
  stack,
  traces,
}) => {
  const app = new PingPage(page)
  await app.open()
  const trace = await traces.during('ping while the collector is away', async () => {
    await without([stack.collector], async () => {
      await expect(app.connection).toContainText('The collector is away')
      await app.ping()
      await expect(app.result).toContainText('Status 200')
    })
  })
  expect(trace.verdict).toEqual({ kind: 'exact' })
  expect(trace).toMatchSpans(ping)
  await expect(app.connection).toHaveText('Live: connected to the collector')
  await app.expectWaterfall(step('ping while the collector is away', ping))
})

/** What is back is not at once reached again. */
async function pingUntilWell(app: PingPage): Promise<void> {
  await expect(async () => {
    await app.ping()
    await expect(app.result).toContainText('Status 200', { timeout: 100 })
  }).toPass()
}
