import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { freePort } from '@pingtrace/loopback/free-ports'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { startApi } from './api-process.test-support.ts'
import type { FlushReport } from './tracing/index.ts'
import { startOtlpServer } from './tracing/otlp-grpc-server.test-support.ts'

const cleanUp: Array<() => unknown> = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

async function backing(port: number) {
  const api = await freePort()
  return {
    api: `http://127.0.0.1:${api}`,
    env: {
      REDIS_URL: `redis://reader:s3cret@127.0.0.1:${port}`,
      MONGODB_URL: `mongodb://reader:s3cret@127.0.0.1:${port}`,
      PINGTRACE_API_PORT: String(api),
    },
  }
}

test.each(['REDIS_URL', 'MONGODB_URL'])(
  'without %s it says so in one line, and ends',
  async (missing) => {
    const { env } = await backing(1)
    const { ended, log } = startApi(
      Object.fromEntries(Object.entries(env).filter(([k]) => k !== missing)),
    )
    expect(await ended).toBe(1)
    expect(log()).toMatch(new RegExp(`^api: ${missing} is not set.*\\n$`))
  },
)

test.each([
  ['REDIS_URL', 'reader:s3cret@'],
  ['MONGODB_URL', 'mongodb://reader:s3cret@'],
])('a %s that is none is one line, without the secret in it', async (name, url) => {
  const { env } = await backing(1)
  const { ended, log } = startApi({ ...env, [name]: url })
  expect(await ended).toBe(1)
  expect(log()).toMatch(new RegExp(`^api: ${name} is no usable URL: .*\\n$`))
  expect(log()).not.toContain('s3cret')
})

test.each([
  ['PINGTRACE_ALLOWED_HOSTS', 'http://proxy'],
  ['PINGTRACE_API_PORT', '70000'],
  ['PINGTRACE_API_ORIGINS', 'garbage'],
  ['PINGTRACE_API_ORIGINS', 'https://page.example/path'],
])('a %s that is none is one line with its value', async (name, value) => {
  const { env } = await backing(1)
  const { ended, log } = startApi({ ...env, [name]: value })
  expect(await ended).toBe(1)
  expect(log()).toMatch(new RegExp(`^api: ${name} .*"${value}"\\n$`))
})

test('a port in use is one line too', async () => {
  const taken = createServer()
  await once(taken.listen(0, '127.0.0.1'), 'listening')
  cleanUp.push(() => taken.close())
  const { port } = taken.address() as AddressInfo
  const { env } = await backing(await freePort())
  const { ended, log } = startApi({ ...env, PINGTRACE_API_PORT: String(port) })
  expect(await ended).toBe(1)
  expect(log()).toMatch(/^api: .*EADDRINUSE.*$/m)
})

test('starts with nothing behind it, follows its ports and keeps secrets out of its log', async () => {
  const collector = await startOtlpServer(() => undefined)
  cleanUp.push(collector.kill)
  const { api, env } = await backing(await freePort())
  const { child, ready, ended, log } = startApi({
    ...env,
    PINGTRACE_OTLP_GRPC_PORT: String(collector.port),
    PINGTRACE_WEB_PORT: '5999',
    PINGTRACE_API_ORIGINS: 'https://page.example, https://OTHER.example:443/',
  })
  await ready

  for (const origin of ['http://localhost:5999', 'https://other.example']) {
    const response = await fetch(`${api}/redis/5`, { headers: { origin } })
    expect(response.status).toBe(503)
    expect(response.headers.get('access-control-allow-origin')).toBe(origin)
  }
  // Larger than what Node takes unless it is told to.
  const giant = await fetch(`${api}/redis/5`, { headers: { traceparent: 'x'.repeat(40_000) } })
  expect(giant.status).toBe(503)
  const unlisted = await fetch(`${api}/redis/5`, { headers: { origin: 'http://localhost:5173' } })
  expect(unlisted.status).toBe(403)
  expect(unlisted.headers.get('access-control-allow-origin')).toBeNull()

  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  expect(collector.accepted.filter((name) => name === '/redis/:length')).toHaveLength(3)
  expect(log()).toContain('calls itself pingtrace-api')
  expect(log()).not.toMatch(/s3cret|reader/)
})

test('what the environment says wrongly about OTLP is told in a line each, and ignored', async () => {
  const collector = await startOtlpServer(() => undefined)
  cleanUp.push(collector.kill)
  const { api, env } = await backing(await freePort())
  const { child, ready, ended, log } = startApi({
    ...env,
    PINGTRACE_OTLP_GRPC_PORT: String(collector.port),
    OTEL_EXPORTER_OTLP_ENDPOINT: 'foo',
    OTEL_EXPORTER_OTLP_HEADERS: 'token=gr\u00f6\u00dfe-s3cret',
  })
  await ready
  expect((await fetch(`${api}/redis/5`)).status).toBe(503)
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  expect(collector.accepted).toContain('/redis/:length')
  expect(log()).toMatch(/^OTEL_EXPORTER_OTLP_ENDPOINT.*"foo"/m)
  expect(log()).toMatch(/^OTEL_EXPORTER_OTLP_HEADERS/m)
  expect(log()).not.toMatch(/s3cret|^ +at /m)
})

describe('the flush hook', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const [, traceId = ''] = traceparent.split('-')
  const flush = (api: string, headers = {}, query = '') =>
    fetch(`${api}/pingtrace/flush${query}`, { method: 'POST', headers })

  test('answers, for each trace, what became of its spans', async () => {
    const collector = await startOtlpServer(() => undefined)
    cleanUp.push(collector.kill)
    const { api, env } = await backing(await freePort())
    const { ready } = startApi({
      ...env,
      PINGTRACE_FLUSH_HOOK: '1',
      PINGTRACE_OTLP_GRPC_PORT: String(collector.port),
    })
    await ready
    await (await fetch(`${api}/redis/5`, { headers: { traceparent } })).text()
    const response = await flush(api)
    expect(response.status).toBe(200)
    const told = {
      traces: { [traceId]: { exported: Array(3).fill(expect.any(String)), dropped: 0, open: 0 } },
    }
    expect(await response.json()).toEqual(told)
    expect(collector.accepted).toHaveLength(3)
    expect(await (await flush(api, {}, `?traceId=${traceId}`)).json()).toEqual(told)
    expect(await (await flush(api, {}, '?traceId=another')).json()).toEqual({ traces: {} })

    const stranger = await flush(api, { origin: 'http://evil.example' })
    expect(stranger.status).toBe(403)
    expect(collector.accepted).toHaveLength(3)
  })

  test('answers although the collector is away, and tells later what became of them', async () => {
    const port = await freePort()
    const { api, env } = await backing(await freePort())
    const { ready } = startApi({
      ...env,
      PINGTRACE_FLUSH_HOOK: '1',
      PINGTRACE_OTLP_GRPC_PORT: String(port),
    })
    await ready
    await (await fetch(`${api}/redis/5`, { headers: { traceparent } })).text()
    expect(await (await flush(api)).json()).toEqual({
      traces: { [traceId]: { exported: [], dropped: 0, open: 3 } },
    })

    const collector = await startOtlpServer(() => undefined, port)
    cleanUp.push(collector.kill)
    const settled = async () => {
      const { traces } = (await (await flush(api)).json()) as FlushReport
      return traces[traceId]?.open === 0 && traces[traceId]
    }
    const fates = await vi.waitUntil(settled, { timeout: 15_000 })
    expect(fates).toEqual({ exported: Array(3).fill(expect.any(String)), dropped: 0, open: 0 })
  })

  test('is not there unless it is asked for', async () => {
    const { api, env } = await backing(await freePort())
    const { ready } = startApi(env)
    await ready
    expect((await flush(api)).status).toBe(404)
  })
})
