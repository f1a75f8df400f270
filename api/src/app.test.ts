import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node'
import { freePort } from '@pingtrace/loopback/free-ports'
import type { Hono } from 'hono'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createApp } from './app.ts'
import type { Leg } from './legs/leg.ts'
import { mongodbLeg } from './legs/mongodb.ts'
import { redisLeg } from './legs/redis.ts'
import { recordSpans } from './tracing/record-spans.test-support.ts'
import { hungServer } from './unreachable.test-support.ts'

const ORIGIN = 'http://localhost:5173'
const { take } = recordSpans()
beforeEach(take)

function appOver(port: number): { app: Hono; legs: Leg[] } {
  const redis = redisLeg(`redis://reader:s3cret@127.0.0.1:${port}`)
  const mongodb = mongodbLeg(`mongodb://reader:s3cret@127.0.0.1:${port}`)
  const embedded = new Set(['redis'])
  const app = createApp({ redis, mongodb, allowedOrigins: [ORIGIN], embedded })
  return { app, legs: [redis, mongodb] }
}

const named = (spans: ReadableSpan[], name: string) => spans.find((span) => span.name === name)

describe('with nothing behind it', () => {
  let app: Hono
  let legs: Leg[]
  beforeAll(async () => {
    ;({ app, legs } = appOver(await freePort()))
    // The first attempts load and compile what they need: on a busy machine the legs' time is up.
    const refused = async () => {
      const response = await app.request('/health')
      const behind = (await response.json()) as Record<string, { reason?: string }>
      return Object.values(behind).every(({ reason }) => reason === 'ECONNREFUSED')
    }
    await vi.waitUntil(refused, { timeout: 20_000 })
  })
  afterAll(() => Promise.all(legs.map((leg) => leg.close())))

  test('/ping tries both legs, and names both', async () => {
    const response = await app.request('/ping')
    expect(response.status).toBe(503)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: 'Service Unavailable',
      status: 503,
      detail: 'redis: ECONNREFUSED, mongodb: ECONNREFUSED',
      failed: [
        { leg: 'redis', reason: 'ECONNREFUSED' },
        { leg: 'mongodb', reason: 'ECONNREFUSED' },
      ],
    })
  })

  test('the spans say where and why', async () => {
    await (await app.request('/ping')).text()
    const spans = await take()
    expect(spans.map(({ name }) => name)).toEqual([
      'server redis operation',
      'redis_integration',
      'server mongo operation',
      'mongo_integration',
      '/ping',
    ])
    for (const span of spans) expect(span.status.code).toBe(SpanStatusCode.ERROR)
    expect(named(spans, '/ping')?.attributes['error.type']).toBe('503')
    for (const span of spans.filter(({ kind }) => kind === SpanKind.CLIENT)) {
      expect(span.attributes['error.type']).toBe('ECONNREFUSED')
      expect(span.status.message).toContain('ECONNREFUSED')
      expect(span.events.map(({ name }) => name)).toEqual(['exception'])
    }
    for (const span of spans.filter(({ kind }) => kind === SpanKind.INTERNAL)) {
      expect(span.attributes['error.type']).toBe('ECONNREFUSED')
      expect(span.events).toEqual([])
    }
  })

  test('a caller that samples nothing gets a trace all the same', async () => {
    const trace = '5b8efff798038103d269b633813fc60c'
    const traceparent = `00-${trace}-eee19b7ec3c1b174-00`
    await (await app.request('/ping', { headers: { traceparent } })).text()
    const spans = await take()
    expect(spans.map((span) => span.spanContext().traceId)).toEqual(Array(5).fill(trace))
  })

  test('no secret is in answers or spans', async () => {
    const answers = [await app.request('/ping?token=hidden'), await app.request('/health')]
    const told = JSON.stringify(await Promise.all(answers.map((answer) => answer.text())))
    const spans = (await take()).map(({ name, attributes, events, status }) =>
      JSON.stringify({ name, attributes, events, status }),
    )
    expect(spans).toHaveLength(5)
    for (const text of [told, ...spans]) expect(text).not.toMatch(/s3cret|reader|hidden/)
  })

  test('/health says so, and makes no span', async () => {
    const response = await app.request('/health')
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      redis: {
        reachable: false,
        reason: 'ECONNREFUSED',
        address: legs[0]?.address,
        kind: 'embedded',
      },
      mongodb: {
        reachable: false,
        reason: 'ECONNREFUSED',
        address: legs[1]?.address,
        kind: 'real',
      },
    })
    expect(await take()).toEqual([])
  })

  test.each(['abc', '0', '99999', '1.5', '-1', '1025', '1e2', '%20'])(
    'a length of %s is refused, before any leg is tried',
    async (length) => {
      for (const path of [`/redis/${length}`, `/mongo/${length}`]) {
        const response = await app.request(path)
        expect(response.status).toBe(400)
        expect(response.headers.get('content-type')).toBe('application/problem+json')
        expect(await response.json()).toMatchObject({
          status: 400,
          detail: 'The length must be a whole number from 1 to 1024.',
        })
      }
      expect((await take()).map(({ name, status }) => [name, status.code])).toEqual([
        ['/redis/:length', SpanStatusCode.UNSET],
        ['/mongo/:length', SpanStatusCode.UNSET],
      ])
    },
  )

  test('one leg alone fails alone', async () => {
    const response = await app.request('/redis/5')
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({
      failed: [{ leg: 'redis', reason: 'ECONNREFUSED' }],
    })
    expect((await take()).map(({ name }) => name)).toEqual([
      'server redis operation',
      'redis_integration',
      '/redis/:length',
    ])
  })

  test('an unknown path is a problem too', async () => {
    const response = await app.request('/nowhere')
    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({ status: 404, title: 'Not Found' })
  })

  describe('CORS', () => {
    const preflight = (origin: string) =>
      app.request('/ping', {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'GET',
          'access-control-request-headers': 'traceparent',
        },
      })

    test('the page may send its context, and asks once in two hours', async () => {
      const { headers, status } = await preflight(ORIGIN)
      expect(status).toBe(204)
      expect(headers.get('access-control-allow-origin')).toBe(ORIGIN)
      expect(headers.get('access-control-allow-methods')).toBe('GET')
      expect(headers.get('access-control-allow-headers')?.split(',')).toContain('traceparent')
      expect(headers.get('access-control-max-age')).toBe('7200')
    })

    test('a stranger may not, whatever it asks for', async () => {
      const { headers } = await preflight('http://evil.example')
      expect(headers.get('access-control-allow-origin')).toBeNull()
      const response = await app.request('/nowhere', { headers: { origin: 'http://evil.example' } })
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
    })

    test('failures are readable for the page as well', async () => {
      for (const path of ['/redis/abc', '/redis/1', '/nowhere']) {
        const { headers } = await app.request(path, { headers: { origin: ORIGIN } })
        expect(headers.get('access-control-allow-origin')).toBe(ORIGIN)
        expect(headers.get('vary')).toContain('Origin')
      }
    })

    test('the page is told which span answered, and may see its times; a stranger is not', async () => {
      for (const path of ['/ping', '/redis/abc', '/nowhere']) {
        await take()
        const response = await app.request(path, { headers: { origin: ORIGIN } })
        const { headers } = response
        await response.text()
        const server = (await take()).find(({ kind }) => kind === SpanKind.SERVER)?.spanContext()
        const { traceId, spanId } = server ?? {}
        expect(headers.get('server-timing')).toBe(`trace;desc=00-${traceId}-${spanId}-03`)
        expect(headers.get('timing-allow-origin')).toBe(ORIGIN)
        expect(headers.get('access-control-expose-headers')).toContain('Server-Timing')

        const stranger = await app.request(path, { headers: { origin: 'http://evil.example' } })
        expect(stranger.headers.has('server-timing')).toBe(false)
        expect(stranger.headers.has('timing-allow-origin')).toBe(false)
      }
    })

    test('a preflight makes no span', async () => {
      await preflight(ORIGIN)
      await preflight('http://evil.example')
      expect(await take()).toEqual([])
    })
  })
})

test('servers that accept and never answer: each leg gives up by itself', async () => {
  const hung = await hungServer()
  const { app, legs } = appOver(hung.port)
  const response = await app.request('/ping')
  expect(response.status).toBe(503)
  expect(await response.json()).toMatchObject({ failed: [{ leg: 'redis' }, { leg: 'mongodb' }] })
  const spans = await take()
  for (const name of ['redis_integration', 'mongo_integration']) {
    // The limit is below 2 s; a busy machine may be late, but the drivers' own limits are 5 and 30.
    const [seconds = 9] = named(spans, name)?.duration ?? []
    expect(seconds).toBeLessThan(3)
  }
  expect(named(spans, 'server redis operation')?.attributes['error.type']).toBe('ETIMEDOUT')

  const health = await app.request('/health')
  expect(await health.json()).toMatchObject({
    redis: { reachable: false, reason: 'ETIMEDOUT' },
    mongodb: { reachable: false },
  })
  await Promise.all(legs.map((leg) => leg.close()))
  hung.stop()
})
