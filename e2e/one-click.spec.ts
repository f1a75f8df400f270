import { expect, test } from './fixtures.ts'
import { asWaterfall, PingPage } from './ping-page.ts'
import { pingShape } from './stored-traces.ts'

test('one click makes one trace of six spans, in the store and on the page', async ({
  page,
  stack,
  stored,
}) => {
  const ping = new PingPage(page)
  await ping.open()
  const traceId = await ping.ping()

  await expect(ping.result).toContainText('Status 200')
  const spans = await stored.waitFor(traceId, pingShape)
  await ping.expectWaterfall(asWaterfall(pingShape))

  const span = (name: string) => {
    const found = spans.find((candidate) => candidate.name === name)
    if (found === undefined) throw new Error(`no span ${name}`)
    return found
  }
  expect(span('client operation').attributes).toMatchObject({
    'http.request.method': 'GET',
    'http.response.status_code': 200n,
    'server.address': 'localhost',
    'server.port': BigInt(stack.ports.api),
    'url.full': `http://localhost:${stack.ports.api}/ping`,
  })
  expect(span('client operation').resource).toMatchObject({
    'service.name': 'pingtrace-web',
    'telemetry.sdk.language': 'webjs',
    'browser.language': expect.any(String),
    'user_agent.original': expect.stringContaining('Chrome'),
  })
  expect(span('/ping').attributes).toMatchObject({
    'http.request.method': 'GET',
    'http.response.status_code': 200n,
    'http.route': '/ping',
    'url.path': '/ping',
    'url.scheme': 'http',
  })
  expect(span('/ping').resource).toMatchObject({
    'service.name': 'pingtrace-api',
    'telemetry.sdk.language': 'nodejs',
  })
  expect(span('server redis operation').attributes).toMatchObject({
    'db.system.name': 'redis',
    'db.operation.name': 'PIPELINE',
    'server.port': BigInt(new URL(stack.redis.url).port),
  })
  expect(span('server mongo operation').attributes).toMatchObject({
    'db.system.name': 'mongodb',
    'db.operation.name': 'find',
    'db.namespace': 'opentelemetry-tests',
    'db.collection.name': 'tests',
    'server.port': BigInt(new URL(stack.mongodb.url).port),
  })
})

test('the page takes apart the carrier that the server continued', async ({ page, stored }) => {
  const ping = new PingPage(page)
  await ping.open()
  const traceId = await ping.ping()
  const spans = await stored.waitFor(traceId, pingShape)

  expect(await ping.carrierPart('version')).toBe('00')
  expect(await ping.carrierPart('trace id')).toBe(traceId)
  expect(await ping.carrierPart('flags')).toMatch(/^0[13]$/)
  const server = spans.find((span) => span.name === '/ping')
  expect(await ping.carrierPart('parent id')).toBe(server?.parentSpanId)
})

test('children lie inside their parents within each process', async ({ page, stored }) => {
  const ping = new PingPage(page)
  await ping.open()
  const spans = await stored.waitFor(await ping.ping(), pingShape)

  for (const child of spans) {
    const parent = spans.find((span) => span.spanId === child.parentSpanId)
    if (parent?.service !== child.service) continue
    expect(child.start, `${child.name} starts`).toBeGreaterThanOrEqual(parent.start)
    expect(child.end, `${child.name} ends`).toBeLessThanOrEqual(parent.end)
  }
})

test('each leg can be called alone', async ({ page, stored }) => {
  const ping = new PingPage(page)
  await ping.open()
  await page.getByRole('radio', { name: '/redis/:length' }).check()
  await page.getByRole('spinbutton', { name: 'Length' }).fill('12')
  const redisTrace = await ping.ping()
  await expect(ping.result).toContainText('Status 200, 12 bytes')
  await stored.waitFor(
    redisTrace,
    `
client operation [pingtrace-web client]
  /redis/:length [pingtrace-api server]
    redis_integration [pingtrace-api internal]
      server redis operation [pingtrace-api client]
`.trim(),
  )

  await page.getByRole('radio', { name: '/mongo/:length' }).check()
  const mongoTrace = await ping.ping()
  await expect(ping.result).toContainText('Status 200, 12 bytes')
  await stored.waitFor(
    mongoTrace,
    `
client operation [pingtrace-web client]
  /mongo/:length [pingtrace-api server]
    mongo_integration [pingtrace-api internal]
      server mongo operation [pingtrace-api client]
`.trim(),
  )
})

test('a length out of range is refused in words, and is no error of the server', async ({
  page,
  stored,
}) => {
  const ping = new PingPage(page)
  await ping.open()
  await page.getByRole('radio', { name: '/redis/:length' }).check()
  await page.getByRole('spinbutton', { name: 'Length' }).fill('99999')
  const traceId = await ping.ping()

  await expect(ping.result).toContainText('Status 400')
  await expect(ping.result).toContainText('1024')
  await stored.waitFor(
    traceId,
    `
client operation [pingtrace-web client] ERROR
  /redis/:length [pingtrace-api server]
`.trim(),
  )
})

test('thirty pings at once are never cross-linked', async ({ page, stored }) => {
  const ping = new PingPage(page)
  await ping.open()
  await ping.pingButton.evaluate((button: HTMLButtonElement) => {
    for (let click = 0; click < 30; click++) button.click()
  })
  await expect(ping.calls).toHaveCount(30)
  await expect(ping.calls.filter({ hasText: '200' })).toHaveCount(30)

  const traceIds = await ping.traceIds()
  expect(new Set(traceIds).size).toBe(30)
  for (const traceId of traceIds) {
    const spans = await stored.waitFor(traceId, pingShape)
    expect(spans.map((span) => span.traceId)).toEqual(Array(6).fill(traceId))
  }
})

test('auto-ping goes on by itself until it is switched off', async ({ page }) => {
  await page.clock.install()
  const ping = new PingPage(page)
  await ping.open()
  const auto = page.getByRole('switch', { name: 'Auto-ping every 5 s' })
  await auto.check()
  await expect(ping.calls.filter({ hasText: '200' })).toHaveCount(1)
  await page.clock.fastForward(5_000)
  await expect(ping.calls.filter({ hasText: '200' })).toHaveCount(2)

  // A picked trace stays on the screen until somebody pings by hand.
  const follow = page.getByRole('button', { name: 'Follow latest ping' })
  const [, first = ''] = await ping.traceIds()
  await page.getByRole('button', { name: `Show trace ${first}` }).click()
  await page.clock.fastForward(5_000)
  await expect(ping.calls.filter({ hasText: '200' })).toHaveCount(3)
  await expect(page).toHaveURL(new RegExp(first))
  await expect(follow).toHaveAttribute('aria-pressed', 'false')
  const byHand = await ping.ping()
  await expect(page).toHaveURL(new RegExp(byHand))
  await expect(follow).toHaveAttribute('aria-pressed', 'true')

  await auto.uncheck()
  await page.clock.fastForward(20_000)
  await expect(ping.calls).toHaveCount(4)
})
