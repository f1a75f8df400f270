import { randomBytes } from 'node:crypto'
import type { Ports } from '@pingtrace/loopback'
import { readSpans, type TraceSummary } from '@pingtrace/otlp'
import type { Browser, Page } from '@playwright/test'
import { attempts } from './attempts.ts'
import { test as base, expect } from './fixtures.ts'
import { PingPage } from './ping-page.ts'
import { mongo, ping, redis, route } from './spans.ts'
import { emptyPage, serve } from './test-server.ts'

interface Strangers {
  /** A port of this machine with a page that is none of ours. */
  otherPort: number
  /** Where the name evil.example is this machine. */
  victimBrowser: Browser
  victim: Page
  /** Runs the action, and tells of all spans that were stored meanwhile: `name /path`. */
  storedDuring: (action: () => Promise<void>) => Promise<string[]>
}

const test = base.extend<Strangers>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names from this pattern
  otherPort: async ({}, use) => {
    const server = await serve(emptyPage)
    await use(server.port)
    await server.close()
  },
  victimBrowser: async ({ playwright, launchOptions }, use) => {
    const rule = '--host-resolver-rules=MAP evil.example 127.0.0.1'
    const args = [...(launchOptions.args ?? []), rule]
    const browser = await playwright.chromium.launch({ ...launchOptions, args })
    await use(browser)
    await browser.close()
  },
  victim: async ({ victimBrowser }, use) => use(await victimBrowser.newPage()),
  storedDuring: async ({ stack, collector, traces }, use) => {
    const traceIds = async () => {
      const response = await fetch(`${collector.url}/live/v1/traces?limit=1000`)
      const answer = (await response.json()) as { traces: TraceSummary[] }
      return answer.traces.map(({ traceId }) => traceId)
    }
    const ping = async (headers: HeadersInit) => {
      const response = await fetch(`http://localhost:${stack.ports.api}/ping`, { headers })
      await response.text()
    }
    await use(async (action) => {
      const before = new Set(await traceIds())
      await action()
      // The API exports in order: with these spans every earlier one has arrived.
      const last = await traces.during('ping afterwards', ({ headers }) => ping(headers))
      expect(last).toMatchSpans(route('/ping', redis, mongo))
      const known = new Set([...before, ...last.traceIds])
      const made = (await traceIds()).filter((id) => !known.has(id))
      const data = await Promise.all(made.map((traceId) => collector.read(traceId)))
      const spans = data.flatMap((each) => readSpans(each ?? {}))
      return spans.map(({ name, attributes }) => `${name} ${attributes['url.path'] ?? ''}`.trim())
    })
  },
})

// As it is without anybody's tests.
test.use({ stackEnv: {} })

/** One span as OTLP/JSON, of a service that nobody here has. */
function forgedSpan(): string {
  const traceId = randomBytes(16).toString('hex')
  const now = `${Date.now()}000000`
  const times = { startTimeUnixNano: now, endTimeUnixNano: now }
  const span = { traceId, spanId: '00f067aa0ba902b7', name: 'forged', kind: 1, ...times }
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })
}

/** The paths of each server that do or tell something. */
const doors = {
  query: ['/api/v3/services', '/live/v1/traces', '/live/v1/stream'],
  otlpHttp: ['/v1/traces'],
  otlpGrpc: ['/opentelemetry.proto.collector.trace.v1.TraceService/Export'],
  api: ['/ping', '/redis/7'],
} as const

type Door = keyof typeof doors

function urls(ports: Ports, ...chosen: Door[]): string[] {
  return chosen.flatMap((door) =>
    doors[door].map((path) => `http://localhost:${ports[door]}${path}`),
  )
}

/** All that a browser can speak to. */
function httpDoors(ports: Ports): string[] {
  return urls(ports, 'query', 'otlpHttp', 'api')
}

/** Resolves when nothing that the page began is on its way any more, beacons included. */
function watchRequests(page: Page): () => Promise<void> {
  let open = 0
  page.on('request', () => open++)
  page.on('requestfinished', () => open--)
  page.on('requestfailed', () => open--)
  return () => expect.poll(() => open).toBe(0)
}

test('the attempts do reach a server that lets anybody in', async ({ victim, otherPort }) => {
  const seen = new Set<string>()
  const open = await serve((request, response) => {
    seen.add(`${request.method} ${request.headers['sec-fetch-dest'] ?? 'upgrade'}`)
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('access-control-allow-headers', '*')
    response.end('/* secret */')
  })
  await victim.goto(`http://evil.example:${otherPort}`)
  const settled = watchRequests(victim)
  const url = `http://localhost:${open.port}/`
  const told = await victim.evaluate(attempts, { get: url, post: url, body: 'x' })
  await settled()
  await open.close()

  expect(told).toMatchObject({
    fetch: '200 /* secret */',
    'POST of JSON': '200 /* secret */',
    script: 'loaded',
    'Resource Timing': '200',
  })
  const [get, post] = [
    ['empty', 'image', 'script', 'style', 'iframe'],
    ['empty', 'iframe'],
  ]
  expect([...seen]).toEqual(
    expect.arrayContaining([...get.map((d) => `GET ${d}`), ...post.map((d) => `POST ${d}`)]),
  )
})

test("a stranger's page reads nothing and writes nothing, whatever it tries", async ({
  victim,
  otherPort,
  stack,
  storedDuring,
}) => {
  const body = forgedSpan()
  await victim.goto(`http://evil.example:${otherPort}`)
  const settled = watchRequests(victim)
  const made = await storedDuring(async () => {
    for (const url of [...httpDoors(stack.ports), ...urls(stack.ports, 'otlpGrpc')]) {
      const told = await victim.evaluate(attempts, { get: url, post: url, body })
      expect(told, url).toEqual(Object.fromEntries(Object.keys(told).map((k) => [k, 'nothing'])))
    }
    await settled()
  })
  expect(made).toEqual([])
})

test("a stranger's link leads to a refusal", async ({ victim, otherPort, stack, storedDuring }) => {
  const made = await storedDuring(async () => {
    for (const url of httpDoors(stack.ports)) {
      await victim.goto(`http://evil.example:${otherPort}`)
      const answered = victim.waitForResponse(url)
      await victim.evaluate((href) => location.assign(href), url)
      expect((await answered).status(), url).toBe(403)
      await victim.waitForURL(url)
    }
  })
  expect(made).toEqual([])
})

test('a page whose own name was made ours reads nothing and writes nothing', async ({
  victimBrowser,
  stack,
  storedDuring,
}) => {
  const body = forgedSpan()
  const refused = /^403 .*the Host header must be/s
  const page = await victimBrowser.newPage({ bypassCSP: true })
  const made = await storedDuring(async () => {
    for (const url of [...httpDoors(stack.ports), `http://localhost:${stack.ports.web}/`]) {
      // Our refusal is a page of the stranger's origin, and of the same origin as the server. Their
      // own page, loaded before the name led to us, would have had no policy to hold it back.
      const rebound = url.replace('localhost', 'evil.example')
      expect((await page.goto(rebound))?.status()).toBe(403)
      const told = await page.evaluate(async (body) => {
        const read = async (init: RequestInit) => {
          const response = await fetch(location.href, init)
          return `${response.status} ${await response.text()}`
        }
        const headers = { 'content-type': 'application/json' }
        return [await read({}), await read({ method: 'POST', headers, body })]
      }, body)
      expect(told, rebound).toEqual([
        expect.stringMatching(refused),
        expect.stringMatching(refused),
      ])
    }
    // gRPC is HTTP/2 from the first byte, which browsers do not speak without TLS: whoever comes with
    // HTTP/1 is told so, and no more.
    const grpc = await page.goto(`http://evil.example:${stack.ports.otlpGrpc}`)
    expect(grpc?.status()).toBe(400)
    expect(await grpc?.text()).toMatch(/HTTP\/1/)
  })
  expect(made).toEqual([])
})

test('a page of another port of this machine sends spans, and does nothing else', async ({
  page,
  otherPort,
  stack,
  storedDuring,
}) => {
  const body = forgedSpan()
  await page.goto(`http://localhost:${otherPort}`)
  const settled = watchRequests(page)
  const made = await storedDuring(async () => {
    for (const url of urls(stack.ports, 'query', 'api', 'otlpGrpc')) {
      const told = await page.evaluate(attempts, { get: url, post: url, body })
      expect(told, url).toEqual(Object.fromEntries(Object.keys(told).map((k) => [k, 'nothing'])))
    }
    const url = `http://localhost:${stack.ports.otlpHttp}/v1/traces`
    const told = await page.evaluate(attempts, { get: url, post: url, body })
    expect(told['POST of JSON']).toBe('200 {}')
    await settled()
  })
  expect(made).toEqual(['forged'])
})

for (const host of ['localhost', '127.0.0.1', '[::1]']) {
  test(`our own page works as ${host}`, async ({ page, stack, traces }) => {
    const app = new PingPage(page)
    await app.open(`http://${host}:${stack.ports.web}`)
    // Nobody asked for the hook that tells trace ids.
    expect(await page.evaluate(() => 'pingtrace' in globalThis)).toBe(false)
    const trace = await traces.during('click on Ping', () => app.ping())
    expect(trace).toMatchSpans(ping)
  })
}
