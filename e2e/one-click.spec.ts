import { expect, test } from './fixtures.ts'
import { PingPage } from './ping-page.ts'
import { call, failed, mongo, ping, redis, route, step } from './spans.ts'

test('one click makes one trace of six spans, in the store and on the page', async ({
  page,
  stack,
  traces,
}) => {
  const app = new PingPage(page)
  await app.open()
  const trace = await traces.during('click on Ping', () => app.ping())

  expect(trace.verdict).toEqual({ kind: 'exact' })
  expect(trace).toMatchSpans(ping)
  expect(trace).toBeHealthy()
  await expect(app.result).toContainText('Status 200')
  // The page shows the trace as it is: from the test's span down.
  await app.expectWaterfall(step('click on Ping', ping))

  const client = trace.find({ name: 'client operation' })
  expect(client.attributes).toMatchObject({
    'http.request.method': 'GET',
    'http.response.status_code': 200n,
    'server.address': 'localhost',
    'server.port': BigInt(stack.ports.api),
    'url.full': `http://localhost:${stack.ports.api}/ping`,
  })
  expect(client.resource).toMatchObject({
    'service.name': 'pingtrace-web',
    'telemetry.sdk.language': 'webjs',
    'browser.language': expect.any(String),
    'user_agent.original': expect.stringContaining('Chrome'),
  })
  const server = trace.find({ name: '/ping' })
  expect(server.attributes).toMatchObject({
    'http.request.method': 'GET',
    'http.response.status_code': 200n,
    'http.route': '/ping',
    'url.path': '/ping',
    'url.scheme': 'http',
  })
  expect(server.resource).toMatchObject({
    'service.name': 'pingtrace-api',
    'telemetry.sdk.language': 'nodejs',
  })
  expect(trace.find({ name: 'server redis operation' }).attributes).toMatchObject({
    'db.system.name': 'redis',
    'db.operation.name': 'PIPELINE',
    'server.port': BigInt(new URL(stack.redis.url).port),
  })
  expect(trace.find({ name: 'server mongo operation' }).attributes).toMatchObject({
    'db.system.name': 'mongodb',
    'db.operation.name': 'find',
    'db.namespace': 'opentelemetry-tests',
    'db.collection.name': 'tests',
    'server.port': BigInt(new URL(stack.mongodb.url).port),
  })
})

test('the page takes apart the carrier that the server continued', async ({ page, traces }) => {
  const app = new PingPage(page)
  await app.open()
  const trace = await traces.during('click on Ping', () => app.ping())

  expect(await app.carrierPart('version')).toBe('00')
  expect(await app.carrierPart('trace id')).toBe(trace.traceIds[0])
  expect(await app.carrierPart('flags')).toMatch(/^0[13]$/)
  expect(await app.carrierPart('parent id')).toBe(trace.find({ name: '/ping' }).parentSpanId)
})

test('children lie inside their parents within each process', async ({ page, traces }) => {
  const app = new PingPage(page)
  await app.open()
  const { spans } = await traces.during('click on Ping', () => app.ping())

  for (const child of spans) {
    const parent = spans.find((span) => span.spanId === child.parentSpanId)
    if (parent?.service !== child.service) continue
    expect(child.start, `${child.name} starts`).toBeGreaterThanOrEqual(parent.start)
    expect(child.end, `${child.name} ends`).toBeLessThanOrEqual(parent.end)
  }
  expect(spans).toHaveLength(6)
})

test('each leg can be called alone', async ({ page, traces }) => {
  const app = new PingPage(page)
  await app.open()
  await page.getByRole('radio', { name: '/redis/:length' }).check()
  await page.getByRole('spinbutton', { name: 'Length' }).fill('12')
  const redisAlone = await traces.during('ask Redis for 12 letters', () => app.ping())
  await expect(app.result).toContainText('Status 200, 12 bytes')
  expect(redisAlone).toMatchSpans(call(route('/redis/:length', redis)))

  await page.getByRole('radio', { name: '/mongo/:length' }).check()
  const mongoAlone = await traces.during('ask MongoDB for 12 letters', () => app.ping())
  await expect(app.result).toContainText('Status 200, 12 bytes')
  expect(mongoAlone).toMatchSpans(call(route('/mongo/:length', mongo)))
})

test('a length out of range is refused in words, and is no error of the server', async ({
  page,
  traces,
}) => {
  const app = new PingPage(page)
  await app.open()
  await page.getByRole('radio', { name: '/redis/:length' }).check()
  await page.getByRole('spinbutton', { name: 'Length' }).fill('99999')
  const trace = await traces.during('ask for too many letters', () => app.ping())

  await expect(app.result).toContainText('Status 400')
  await expect(app.result).toContainText('1024')
  expect(trace).toMatchSpans(failed(call(route('/redis/:length')), '400'))
})

test('thirty pings at once in one step are thirty calls of one trace', async ({ page, traces }) => {
  const app = new PingPage(page)
  await app.open()
  const trace = await traces.during('click thirty times', () => app.pingAtOnce(30))
  expect(trace).toMatchSpans(Array(30).fill(ping))
})

test('auto-ping goes on by itself until it is switched off', async ({ page }) => {
  await page.clock.install()
  const app = new PingPage(page)
  await app.open()
  const auto = page.getByRole('switch', { name: 'Auto-ping every 5 s' })
  await auto.check()
  await expect(app.calls.filter({ hasText: '200' })).toHaveCount(1)
  await page.clock.fastForward(5_000)
  await expect(app.calls.filter({ hasText: '200' })).toHaveCount(2)

  // A picked trace stays on the screen until somebody pings by hand.
  const follow = page.getByRole('button', { name: 'Follow latest ping' })
  const [, first = ''] = await app.traceIds()
  await page.getByRole('button', { name: `Show trace ${first}` }).click()
  await page.clock.fastForward(5_000)
  await expect(app.calls.filter({ hasText: '200' })).toHaveCount(3)
  await expect(page).toHaveURL(new RegExp(first))
  await expect(follow).toHaveAttribute('aria-pressed', 'false')
  const byHand = await app.ping()
  await expect(page).toHaveURL(new RegExp(byHand))
  await expect(follow).toHaveAttribute('aria-pressed', 'true')

  await auto.uncheck()
  await page.clock.fastForward(20_000)
  await expect(app.calls).toHaveCount(4)
})
