import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { startEmbeddedMongodb } from '@pingtrace/embedded-mongodb'
import { startEmbeddedRedis } from '@pingtrace/embedded-redis'
import { freePort } from '@pingtrace/loopback/free-ports'
import { createClient } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createApp } from './app.ts'
import { mongodbLeg } from './legs/mongodb.ts'
import { redisLeg } from './legs/redis.ts'
import {
  liesWithin,
  parentId,
  recordSpans,
  spanId,
  traceId,
} from './tracing/record-spans.test-support.ts'

type Embedded = Awaited<ReturnType<typeof startEmbeddedRedis>>

const { take } = recordSpans()
const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'
const headers = { traceparent: `00-${TRACE}-${PARENT}-01` }

let servers: { redis: Embedded; mongodb: Embedded }
let legs: { redis: ReturnType<typeof redisLeg>; mongodb: ReturnType<typeof mongodbLeg> }
let app: ReturnType<typeof createApp>

beforeAll(async () => {
  // Ports of their own, because some tests start them anew where they were.
  const [redis, mongodb] = await Promise.all([
    startEmbeddedRedis({ port: await freePort() }),
    startEmbeddedMongodb({ port: await freePort() }),
  ])
  servers = { redis, mongodb }
  legs = { redis: redisLeg(redis.url), mongodb: mongodbLeg(mongodb.url) }
  const embedded = new Set(['redis', 'mongodb'])
  app = createApp({ ...legs, allowedOrigins: [], embedded })
})
beforeEach(take)
afterAll(async () => {
  await Promise.all([legs.redis.close(), legs.mongodb.close()])
  await Promise.all([servers.redis.stop(), servers.mongodb.stop()])
})

const portOf = ({ url }: Embedded) => Number(new URL(url).port)

test('one ping makes the five spans of the API, in the caller’s trace', async () => {
  const response = await app.request('http://localhost:8081/ping?token=hidden', { headers })
  expect(response.status).toBe(200)
  expect(await response.text()).toMatch(/^[A-Za-z]{1,1024}$/)

  const spans = await take()
  const [redis, redisLegSpan, mongo, mongoLegSpan, server] = spans
  expect(spans.map(({ name, kind }) => [name, kind])).toEqual([
    ['server redis operation', SpanKind.CLIENT],
    ['redis_integration', SpanKind.INTERNAL],
    ['server mongo operation', SpanKind.CLIENT],
    ['mongo_integration', SpanKind.INTERNAL],
    ['/ping', SpanKind.SERVER],
  ])
  expect(spans.map(traceId)).toEqual(Array(5).fill(TRACE))
  expect(parentId(server)).toBe(PARENT)
  expect([parentId(redisLegSpan), parentId(mongoLegSpan)]).toEqual([spanId(server), spanId(server)])
  expect(parentId(redis)).toBe(spanId(redisLegSpan))
  expect(parentId(mongo)).toBe(spanId(mongoLegSpan))
  for (const span of spans) expect(span.status.code).toBe(SpanStatusCode.UNSET)

  expect(redis?.attributes).toEqual({
    'db.system.name': 'redis',
    'db.operation.name': 'PIPELINE',
    'db.operation.batch.size': 2,
    'db.namespace': '0',
    'server.address': '127.0.0.1',
    'server.port': portOf(servers.redis),
  })
  expect(mongo?.attributes).toEqual({
    'db.system.name': 'mongodb',
    'db.operation.name': 'find',
    'db.namespace': 'opentelemetry-tests',
    'db.collection.name': 'tests',
    'server.address': '127.0.0.1',
    'server.port': portOf(servers.mongodb),
  })
  expect(redisLegSpan?.attributes).toEqual({})
  expect(mongoLegSpan?.attributes).toEqual({})
})

test.each([
  ['redis', 'redis_integration', 'server redis operation'],
  ['mongo', 'mongo_integration', 'server mongo operation'],
])('/%s/:length answers that many letters, through its leg alone', async (path, leg, operation) => {
  for (const length of [1, 1_024]) {
    const response = await app.request(`/${path}/${length}`, { headers })
    expect(response.status).toBe(200)
    expect(await response.text()).toHaveLength(length)
    const spans = await take()
    expect(spans.map(({ name }) => name)).toEqual([operation, leg, `/${path}/:length`])
  }
})

test('what Redis was asked to keep is there', async () => {
  const text = await (await app.request('/redis/33')).text()
  const client = await createClient({ url: servers.redis.url }).connect()
  expect(await client.get('length')).toBe(text)
  client.destroy()
})

test('1,000 pings, 50 at a time: none is cross-linked, and children lie within their parents', async () => {
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  // No idle connection is closed: on a busy machine its next request may be on its way.
  const server = createServer({ keepAliveTimeout: 0 }, listener)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ping`

  const ids = Array.from({ length: 1_000 }, (_, i) => (i + 1).toString(16).padStart(32, '0'))
  const waiting = ids.values()
  const askInTurn = async () => {
    for (const id of waiting) {
      const response = await fetch(url, { headers: { traceparent: `00-${id}-${PARENT}-01` } })
      await response.text()
      // With so many at once a busy machine may use up a leg's time. The spans must hold all the same.
      expect([200, 503]).toContain(response.status)
    }
  }
  await Promise.all(Array.from({ length: 50 }, askInTurn))

  const spans = await take()
  expect(spans).toHaveLength(5_000)
  const byId = new Map(spans.map((span) => [spanId(span), span]))
  expect(byId.size).toBe(5_000)
  const outside: string[] = []
  for (const span of spans.filter(({ kind }) => kind !== SpanKind.SERVER)) {
    const parent = byId.get(parentId(span))
    const good =
      parent !== undefined && traceId(parent) === traceId(span) && liesWithin(span, parent)
    if (!good) outside.push(`${span.name} of ${traceId(span)}`)
  }
  expect(outside).toEqual([])
  const roots = spans.filter(({ kind }) => kind === SpanKind.SERVER)
  expect(roots.map(traceId).sort()).toEqual(ids)
  expect(new Set(roots.map(parentId))).toEqual(new Set([PARENT]))
})

test('an error that Redis itself reports has its code', async () => {
  const client = await createClient({ url: servers.redis.url }).connect()
  await client.sendCommand(['CONFIG', 'SET', 'maxmemory', '1'])
  try {
    const response = await app.request('/redis/5')
    expect(response.status).toBe(503)
    const [operation] = await take()
    expect(operation?.attributes['db.response.status_code']).toBe('OOM')
    expect(operation?.status.code).toBe(SpanStatusCode.ERROR)
  } finally {
    await client.sendCommand(['CONFIG', 'SET', 'maxmemory', '0'])
    client.destroy()
  }
})

test('/health tells what the servers call themselves', async () => {
  const health: unknown = await (await app.request('/health')).json()
  expect(health).toEqual({
    redis: {
      reachable: true,
      server: expect.stringMatching(/^valkey \d+\.\d+/),
      address: `127.0.0.1:${portOf(servers.redis)}`,
      kind: 'embedded',
    },
    mongodb: {
      reachable: true,
      server: expect.stringContaining('not MongoDB'),
      address: `127.0.0.1:${portOf(servers.mongodb)}`,
      kind: 'embedded',
    },
  })
})

describe('a server that goes away and comes back', () => {
  const status = async (path: string) => {
    const response = await app.request(path)
    await response.text()
    return response.status
  }

  test('Redis', async () => {
    const port = portOf(servers.redis)
    await servers.redis.stop()
    expect(await status('/redis/5')).toBe(503)
    expect(await status('/mongo/5')).toBe(200)
    servers.redis = await startEmbeddedRedis({ port })
    await vi.waitUntil(async () => (await status('/redis/5')) === 200, { timeout: 5_000 })
  })

  test('MongoDB', async () => {
    const port = portOf(servers.mongodb)
    await servers.mongodb.stop()
    expect(await status('/mongo/5')).toBe(503)
    expect(await status('/redis/5')).toBe(200)
    servers.mongodb = await startEmbeddedMongodb({ port })
    await vi.waitUntil(async () => (await status('/mongo/5')) === 200, { timeout: 5_000 })
  })
})
