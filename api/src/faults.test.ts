import { expect, onTestFinished, test, vi } from 'vitest'
import { createApp } from './app.ts'
import { Faults, nobodyRedis } from './faults.ts'
import type { Leg } from './legs/leg.ts'
import { redisLeg } from './legs/redis.ts'

const origin = 'http://localhost:5173'

const well = (name: Leg['name']): Leg => ({
  name,
  address: 'localhost:1',
  run: async () => 'abc',
  identify: async () => name,
  close: async () => undefined,
})

function appWith(faults?: Faults) {
  const redis = well('redis')
  return createApp({
    redis: faults?.breakable(redis, () => redisLeg(nobodyRedis)) ?? redis,
    mongodb: well('mongodb'),
    allowedOrigins: [origin],
    embedded: new Set(),
    faults,
  })
}

const tell = (app: ReturnType<typeof appWith>, body: string) =>
  app.request('/pingtrace/faults', { method: 'POST', body, headers: { origin } })

const preflight = async (app: ReturnType<typeof appWith>) => {
  const headers = { origin, 'access-control-request-method': 'GET' }
  const response = await app.request('/ping', { method: 'OPTIONS', headers })
  return response.headers.get('access-control-allow-headers') ?? ''
}

test('there is no such route unless it was asked for', async () => {
  expect((await tell(appWith(), 'redis')).status).toBe(404)
})

test('Redis is away until it is taken back', async () => {
  const app = appWith(new Faults())
  expect((await tell(app, 'redis')).status).toBe(200)
  const broken = await app.request('/ping')
  expect(broken.status).toBe(503)
  expect(await broken.json()).toMatchObject({ failed: [{ leg: 'redis', reason: 'ECONNREFUSED' }] })
  await tell(app, 'none')
  expect((await app.request('/ping')).status).toBe(200)
})

test('traceparent is not allowed, until half a minute has gone', async () => {
  const app = appWith(new Faults())
  expect(await preflight(app)).toContain('traceparent')
  await tell(app, 'cors')
  expect(await preflight(app)).toBe('content-type')
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 })
  onTestFinished(() => void vi.useRealTimers())
  expect(await preflight(app)).toContain('traceparent')
})

test('what is no fault is refused by name', async () => {
  const response = await tell(appWith(new Faults()), 'everything')
  expect(response.status).toBe(400)
  expect(await response.text()).toContain('cors, redis, mongodb, or none')
})
