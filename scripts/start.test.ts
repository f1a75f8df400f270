import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ports } from '@pingtrace/loopback'
import type { ResourceSpans } from '@pingtrace/otlp'
import {
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest'
import { startCollectorAlone } from './collector-alone.ts'
import { freePorts } from './free-ports.ts'
import { root } from './paths.ts'
import { ProcessGroup } from './process-group.ts'
import { portEnvironment } from './stack.ts'

const started: ProcessGroup[] = []
let ports: Ports
let folder: string

// What is built is not announced in the tests below, and takes none of their time.
beforeAll(async () => {
  const build = new ProcessGroup(process.execPath, ['scripts/boot.mjs', 'build'], {
    cwd: root,
    env: process.env,
  })
  expect(await build.ended, build.output).toBe(0)
}, 120_000)
beforeEach(async () => {
  ports = await freePorts()
  folder = await mkdtemp(join(tmpdir(), 'pingtrace-start-'))
})
afterEach(async () => {
  for (const group of started.splice(0)) group.signalAll('SIGKILL')
  await rm(folder, { recursive: true })
})

/** Without npm in front, the process is the supervisor itself. */
function start(
  env: Record<string, string> = {},
  command = process.execPath,
  script: 'start' | 'collector' = 'start',
): ProcessGroup {
  const args = command === 'npm' ? ['run', script] : ['scripts/boot.mjs', script]
  const options = { cwd: root, env: { ...process.env, ...variables(), ...env } }
  const group = new ProcessGroup(command, args, options)
  started.push(group)
  return group
}

/** Not what the machine running the tests has set: each test says what it is about. */
function variables(): Record<string, string> {
  const none = { REDIS_URL: '', MONGODB_URL: '', OTEL_EXPORTER_OTLP_ENDPOINT: '' }
  return { ...none, ...portEnvironment(ports), PINGTRACE_DATA_DIR: dataDir() }
}

function dataDir(): string {
  return join(folder, 'segments')
}

/** Calls the API, each time in a trace of its own, until nobody answers. */
async function callUntilGone(answered: string[]): Promise<void> {
  for (;;) {
    const traceId = randomBytes(16).toString('hex')
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` }
    try {
      const response = await fetch(`http://127.0.0.1:${ports.api}/ping`, { headers })
      await response.text()
      if (response.status === 200) answered.push(traceId)
    } catch {
      return
    }
  }
}

/** How many spans of each trace are in the store that the group has left. */
async function storedSpans(traceIds: string[]): Promise<number[]> {
  const collector = await startCollectorAlone({
    ports,
    dataDir: dataDir(),
    onLine: () => undefined,
    onCrash: () => undefined,
  })
  const counts = traceIds.map(async (id) => {
    const response = await fetch(`http://127.0.0.1:${ports.query}/api/v3/traces/${id}`)
    const { result } = (await response.json()) as { result?: { resourceSpans: ResourceSpans[] } }
    const scopes = result?.resourceSpans.flatMap(({ scopeSpans = [] }) => scopeSpans) ?? []
    return scopes.flatMap(({ spans = [] }) => spans).length
  })
  return Promise.all(counts).finally(() => collector.stop())
}

const pingNames = [
  '/ping',
  'redis_integration',
  'server redis operation',
  'mongo_integration',
  'server mongo operation',
]

/** A back end that takes OTLP/HTTP: the names of `/ping`'s spans that it got, and the tokens. */
async function otlpTarget() {
  const bodies: Buffer[] = []
  const tokens = new Set<unknown>()
  const server = createHttpServer(async (request, response) => {
    tokens.add(request.headers['access-token'])
    for await (const chunk of request) bodies.push(chunk as Buffer)
    response.writeHead(200, { 'Content-Type': 'application/x-protobuf' }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const all = () => Buffer.concat(bodies)
  const names = () => new Set(pingNames.filter((name) => all().includes(name)))
  return { port: (server.address() as AddressInfo).port, tokens, names }
}

/** The last line of the table. */
const table = /Ctrl-C ends everything/

// The machine may be slow and busy: only what is never going to happen fails.
const limitMs = 60_000
const goneMs = 10_000

describe.skipIf(process.platform === 'win32')('npm start', { timeout: limitMs }, () => {
  test('prints where things are when they are there, and SIGTERM to npm ends it all', async () => {
    const group = start({}, 'npm')
    await group.printed(table)
    expect(group.output).toContain(`http://localhost:${ports.web}`)
    expect(group.output).toMatch(/Redis .* EMBEDDED/)
    expect(group.output).not.toMatch(/warning/i)
    const viewer = await fetch(`http://localhost:${ports.query}`)
    expect(await viewer.text()).toContain('<title>Traces')
    const page = await fetch(`http://localhost:${ports.web}`)
    expect(await page.text()).toContain('<title>pingtrace')
    expect((await fetch(`http://localhost:${ports.api}/ping`)).status).toBe(200)

    group.signal('SIGTERM')
    await group.gone(goneMs)
    // The log goes on while npm is gone: the parts were stopped, none of them fell.
    expect(group.output).not.toContain('ended by itself')
  })

  // A terminal sends SIGINT to all, CI and other supervisors SIGTERM.
  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s to every process at once, in the midst of requests: the last spans are stored',
    async (signal) => {
      const group = start()
      await group.printed(table)
      const answered: string[] = []
      const callers = Promise.all(Array.from({ length: 4 }, () => callUntilGone(answered)))
      await vi.waitUntil(() => answered.length > 20, { timeout: limitMs })
      group.signalAll(signal)
      expect(await group.ended).toBe(0)
      await callers
      expect(group.output).not.toContain('ended by itself')
      await group.gone(goneMs)
      expect(await storedSpans(answered)).toEqual(answered.map(() => 5))
    },
  )

  test('an embedded server that is killed is told, and ends the rest', async () => {
    const group = start()
    await group.printed(table)
    process.kill(group.pidOf(/embedded-redis/), 'SIGKILL')
    expect(await group.ended).toBe(1)
    expect(group.output).toMatch(
      /^pingtrace: the embedded Redis ended by itself \(SIGKILL\); stopping$/m,
    )
    await group.gone(goneMs)
  })

  test('starts without the real servers that it was told to use, and says so', async () => {
    const group = start({
      REDIS_URL: 'redis://reader:s3cret@127.0.0.1:1',
      MONGODB_URL: 'mongodb://reader:s3cret@127.0.0.1:1/?appName=s3cret',
      PINGTRACE_WEB_OTLP_ENDPOINT: 'http://127.0.0.1:1/v1/traces?token=s3cret',
      PINGTRACE_API_OTLP_ENDPOINT: 'http://127.0.0.1:2',
    })
    await group.printed(table)
    expect(group.output).toMatch(
      /redis:\/\/127\.0\.0\.1:1 +real, from REDIS_URL: not reachable \(ECONNREFUSED\)$/m,
    )
    expect(group.output).toMatch(
      /mongodb:\/\/127\.0\.0\.1:1\/ +real, from MONGODB_URL: not reachable \(\w+\)$/m,
    )
    expect(group.output).toContain(
      'OTLP/HTTP in; the page sends to http://127.0.0.1:1/v1/traces, from PINGTRACE_WEB_OTLP_ENDPOINT',
    )
    expect(group.output).toContain(
      'OTLP/gRPC in; the API sends to http://127.0.0.1:2, from PINGTRACE_API_OTLP_ENDPOINT',
    )
    expect(group.output).not.toContain('s3cret')
    expect((await fetch(`http://localhost:${ports.api}/redis/5`)).status).toBe(503)

    // The terminal is closed.
    group.signalAll('SIGHUP')
    expect(await group.ended).toBe(0)
    await group.gone(goneMs)
  })

  // With the collector's own tokens, which the API, the table and no one else must know.
  test("the caller's OTLP endpoint gets all from the collector, the API's spans too", async () => {
    const target = await otlpTarget()
    const queryToken = 'a-token-of-readers'
    const group = start({
      PINGTRACE_INGEST_TOKEN: 'a-token-of-senders',
      PINGTRACE_QUERY_TOKEN: queryToken,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${target.port}`,
      OTEL_EXPORTER_OTLP_HEADERS: 'access-token=s3cret',
    })
    await group.printed(table)
    expect(group.output).toMatch(new RegExp(`forwards to \\S+:${target.port}\\b`))
    expect(group.output).toContain('OTLP/gRPC in: the API\n')
    await fetch(`http://localhost:${ports.api}/ping`)
    await vi.waitUntil(() => target.names().size === 5, { timeout: limitMs })
    expect(target.tokens).toEqual(new Set(['s3cret']))
    expect(group.output).not.toContain('s3cret')
    // What went through the collector is there as well.
    const headers = { authorization: `Bearer ${queryToken}` }
    const stored = await fetch(`http://127.0.0.1:${ports.query}/healthz`, { headers })
    expect(await stored.json()).toMatchObject({ spans: 5 })
    expect(group.output).not.toMatch(/a-token-of/)
    group.signal('SIGTERM')
    expect(await group.ended).toBe(0)
  })

  test('leaves nothing behind when the supervisor is killed', async () => {
    const group = start()
    await group.printed(table)
    group.signal('SIGKILL')
    await group.gone(goneMs)
  })

  test('names the port that is in use, in one line', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(ports.api, '127.0.0.1', resolve))
    const group = start()
    expect(await group.ended).toBe(1)
    taken.close()
    expect(group.output).toMatch(
      new RegExp(`^pingtrace: port ${ports.api} is in use: .*PINGTRACE_API_PORT.*\\n$`),
    )
  })

  test('names the variable that is wrong and its value, in one line', async () => {
    const group = start({ PINGTRACE_WEB_PORT: 'http' })
    expect(await group.ended).toBe(1)
    expect(group.output).toMatch(/^pingtrace: PINGTRACE_WEB_PORT must be .*, not "http"\n$/)
  })

  test('names the variable that a process of it found wrong', async () => {
    const group = start({ PINGTRACE_WEB_OTLP_ENDPOINT: 'foo' })
    expect(await group.ended).toBe(1)
    // Above it may stand what the other processes had to say.
    expect(group.output).toMatch(/^pingtrace: web: PINGTRACE_WEB_OTLP_ENDPOINT .* not "foo"\n$/m)
    expect(group.output).not.toMatch(/^web +│/m)
    await group.gone(goneMs)
  })

  test('names the data folder that it cannot use, in one line', async () => {
    // A file where the folder should be: permissions would not stop root.
    await writeFile(join(folder, 'file'), '')
    const group = start({ PINGTRACE_DATA_DIR: join(folder, 'file', 'segments') })
    expect(await group.ended).toBe(1)
    expect(group.output).toMatch(/^pingtrace: collector: .*file\/segments.*PINGTRACE_DATA_DIR.*\n$/)
    await group.gone(goneMs)
  })
})

describe.skipIf(process.platform === 'win32')('npm run collector', { timeout: limitMs }, () => {
  const collector = (env: Record<string, string> = {}, command = process.execPath) =>
    start(env, command, 'collector')
  const ready = /Ctrl-C ends it/

  test('serves the viewer, says how to send to it, and SIGTERM to npm ends it', async () => {
    const group = collector({}, 'npm')
    await group.printed(ready)
    expect(group.output.match(/(OTEL_|new OTLP).*/g)).toEqual([
      `OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:${ports.otlpHttp} OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf`,
      `OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:${ports.otlpGrpc} OTEL_EXPORTER_OTLP_PROTOCOL=grpc`,
      `new OTLPTraceExporter({ url: 'http://localhost:${ports.otlpHttp}/v1/traces' })`,
    ])
    const [viewer = ''] = /http:\S+(?= for the traces)/.exec(group.output) ?? []
    expect(await (await fetch(viewer)).text()).toContain('<title>Traces')
    // It is alone.
    await expect(fetch(`http://localhost:${ports.web}`)).rejects.toThrow()
    await expect(fetch(`http://localhost:${ports.api}`)).rejects.toThrow()

    group.signal('SIGTERM')
    await group.gone(goneMs)
    expect(group.output).not.toContain('ended by itself')
  })

  test('ends with Ctrl-C', async () => {
    const group = collector()
    await group.printed(ready)
    group.signalAll('SIGINT')
    expect(await group.ended).toBe(0)
    expect(group.output).not.toContain('ended by itself')
    await group.gone(goneMs)
  })

  test('leaves nothing behind when the supervisor is killed', async () => {
    const group = collector()
    await group.printed(ready)
    group.signal('SIGKILL')
    await group.gone(goneMs)
  })

  test('needs its own ports alone, and names the one that is in use, in one line', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(ports.query, '127.0.0.1', resolve))
    const group = collector()
    expect(await group.ended).toBe(1)
    taken.close()
    expect(group.output).toMatch(
      new RegExp(`^pingtrace: port ${ports.query} is in use: .*PINGTRACE_QUERY_PORT.*\\n$`),
    )
  })
})
