import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { startOtlpServer } from './tracing/otlp-grpc-server.test-support.ts'
import { closedPort, hungServer } from './unreachable.test-support.ts'

const cleanUp: Array<() => unknown> = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

/** Starts the API as a process of its own, as the supervisor does. */
function start(env: Record<string, string>) {
  const child = fork(new URL('./main.ts', import.meta.url), {
    execArgv: ['--import', 'tsx'],
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  cleanUp.push(() => child.kill('SIGKILL'))
  let log = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      log += text
    })
  }
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return { child, ended, log: () => log }
}

async function ready(child: ChildProcess): Promise<void> {
  const [message] = await once(child, 'message')
  expect(message).toEqual({ ready: true })
}

async function backing(port: number) {
  const api = await closedPort()
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
    const { ended, log } = start(
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
  const { ended, log } = start({ ...env, [name]: url })
  expect(await ended).toBe(1)
  expect(log()).toMatch(new RegExp(`^api: ${name} is no usable URL: .*\\n$`))
  expect(log()).not.toContain('s3cret')
})

test('a port in use is one line too', async () => {
  const taken = createServer()
  await once(taken.listen(0, '127.0.0.1'), 'listening')
  cleanUp.push(() => taken.close())
  const { port } = taken.address() as AddressInfo
  const { env } = await backing(await closedPort())
  const { ended, log } = start({ ...env, PINGTRACE_API_PORT: String(port) })
  expect(await ended).toBe(1)
  expect(log()).toMatch(/^api: .*EADDRINUSE.*$/m)
})

test('starts with nothing behind it, follows its ports and keeps secrets out of its log', async () => {
  const collector = await startOtlpServer(() => undefined)
  cleanUp.push(collector.kill)
  const { api, env } = await backing(await closedPort())
  const { child, ended, log } = start({
    ...env,
    PINGTRACE_OTLP_GRPC_PORT: String(collector.port),
    PINGTRACE_WEB_PORT: '5999',
    PINGTRACE_API_ORIGINS: 'https://page.example, https://other.example',
  })
  await ready(child)

  for (const origin of ['http://localhost:5999', 'https://other.example']) {
    const response = await fetch(`${api}/redis/5`, { headers: { origin } })
    expect(response.status).toBe(503)
    expect(response.headers.get('access-control-allow-origin')).toBe(origin)
  }
  const answer = await fetch(`${api}/redis/abc`, { headers: { origin: 'http://localhost:5173' } })
  expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  expect(Number(answer.headers.get('content-length'))).toBe((await answer.text()).length)

  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  expect(collector.accepted.filter((name) => name === '/redis/:length')).toHaveLength(3)
  expect(log()).toContain('calls itself pingtrace-api')
  expect(log()).not.toMatch(/s3cret|reader/)
})

test('asked to end in mid-request, it answers and sends the spans first', async () => {
  const collector = await startOtlpServer(() => undefined)
  const hung = await hungServer()
  cleanUp.push(collector.kill, hung.stop)
  const { api, env } = await backing(hung.port)
  const { child, ended } = start({ ...env, PINGTRACE_OTLP_GRPC_PORT: String(collector.port) })
  await ready(child)

  // The Redis client connects at once; the second connection is made for the request.
  const asked = hung.connections(2)
  const answer = fetch(`${api}/mongo/5`)
  await asked
  child.kill('SIGTERM')
  expect((await answer).status).toBe(503)
  expect(await ended).toBe(0)
  expect(collector.accepted).toEqual([
    'server mongo operation',
    'mongo_integration',
    '/mongo/:length',
  ])
})

test('ends although the collector is away', async () => {
  const { api, env } = await backing(await closedPort())
  const { child, ended, log } = start({
    ...env,
    PINGTRACE_OTLP_GRPC_PORT: String(await closedPort()),
  })
  await ready(child)
  await (await fetch(`${api}/redis/5`)).text()
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  expect(log()).toContain('3 spans given up at shutdown')
})
