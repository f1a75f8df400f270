import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { startEmbeddedMongodb } from '@pingtrace/embedded-mongodb'
import { startEmbeddedRedis } from '@pingtrace/embedded-redis'
import { freePort } from '@pingtrace/loopback/free-ports'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type ApiProcess, startApi } from './api-process.test-support.ts'
import { startOtlpServer } from './tracing/otlp-grpc-server.test-support.ts'
import { hungServer } from './unreachable.test-support.ts'

type Embedded = Awaited<ReturnType<typeof startEmbeddedRedis>>

let redis: Embedded
let mongodb: Embedded
beforeAll(async () => {
  ;[redis, mongodb] = await Promise.all([startEmbeddedRedis(), startEmbeddedMongodb()])
})
afterAll(() => Promise.all([redis.stop(), mongodb.stop()]))

/** How long Redis keeps its answers back in these tests, and so a request in flight. */
const SLOW_MS = 300

const pingSpans = [
  'server redis operation',
  'redis_integration',
  'server mongo operation',
  'mongo_integration',
  '/ping',
]

/** Redis behind a slow line: what the client says arrives at once, each answer late. */
async function slowRedis() {
  const sockets = new Set<Socket>()
  const proxy = createServer((client) => {
    const server = connect(Number(new URL(redis.url).port), '127.0.0.1')
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
    }
    client.on('data', (said) => {
      server.write(said)
      if (said.includes('MSET')) proxy.emit('asked')
    })
    server.on('data', (answer) => setTimeout(() => client.write(answer), SLOW_MS))
    client.on('close', () => server.destroy())
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    proxy.close()
    for (const socket of sockets) socket.destroy()
  })
  const address = proxy.address()
  return {
    url: `redis://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    /** Resolves when the next request has reached Redis. */
    asked: () => once(proxy, 'asked'),
  }
}

async function collector() {
  const server = await startOtlpServer(() => undefined)
  onTestFinished(server.kill)
  return server
}

async function start(collectorPort: number, redisUrl = redis.url) {
  const port = await freePort()
  const api = startApi({
    REDIS_URL: redisUrl,
    MONGODB_URL: mongodb.url,
    PINGTRACE_API_PORT: String(port),
    PINGTRACE_OTLP_GRPC_PORT: String(collectorPort),
  })
  await api.ready
  return { api, port, url: `http://127.0.0.1:${port}` }
}

/** Asks the process to end. @returns its exit code, and the milliseconds that it took */
async function terminate({ child }: ApiProcess) {
  const began = performance.now()
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  return { code, ms: performance.now() - began }
}

test('in mid-request: the answer is completed, its spans arrive, and all within 2 s', async () => {
  const { accepted, port } = await collector()
  const slow = await slowRedis()
  const { api, url } = await start(port, slow.url)

  const asked = slow.asked()
  const answer = fetch(`${url}/ping`)
  await asked
  const { code, ms } = await terminate(api)
  const response = await answer
  expect(response.status).toBe(200)
  expect(await response.text()).toMatch(/^[A-Za-z]+$/)
  expect(accepted).toEqual(pingSpans)
  expect(code).toBe(0)
  expect(ms).toBeLessThan(2_000)
})

test.each(['down', 'mute'])(
  'in mid-request, with the collector %s: the answer is completed, and all within 4 s',
  async (how) => {
    const mute = await hungServer()
    onTestFinished(mute.stop)
    const slow = await slowRedis()
    const { api, url } = await start(how === 'mute' ? mute.port : await freePort(), slow.url)

    const asked = slow.asked()
    const answer = fetch(`${url}/ping`)
    await asked
    const { code, ms } = await terminate(api)
    expect((await answer).status).toBe(200)
    await api.ended
    expect(api.log()).toContain('5 spans given up at shutdown')
    expect(code).toBe(0)
    expect(ms).toBeLessThan(4_000)
  },
)

test('with browsers’ idle connections open, used and unused: within 2 s', async () => {
  const { accepted, port } = await collector()
  const { api, ...at } = await start(port)
  const unused = connect(at.port, '127.0.0.1')
  await once(unused, 'connect')
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => {
    agent.destroy()
    unused.destroy()
  })
  const [response] = await once(get(`${at.url}/ping`, { agent }), 'response')
  await once(response.resume(), 'end')
  expect(unused.readyState).toBe('open')

  const { code, ms } = await terminate(api)
  expect(accepted).toEqual(pingSpans)
  expect(code).toBe(0)
  expect(ms).toBeLessThan(2_000)
})

test('a database that never answers: the leg gives up, and its spans say so', async () => {
  const { accepted, port } = await collector()
  const hung = await hungServer()
  onTestFinished(hung.stop)
  const { api, url } = await start(port, `redis://127.0.0.1:${hung.port}`)

  const answer = fetch(`${url}/redis/5`)
  await (await fetch(`${url}/mongo/5`)).text() // Sent later: by its answer the first is at work.
  const { code } = await terminate(api)
  expect((await answer).status).toBe(503)
  expect(code).toBe(0)
  expect(accepted.slice(-3)).toEqual([
    'server redis operation',
    'redis_integration',
    '/redis/:length',
  ])
})
