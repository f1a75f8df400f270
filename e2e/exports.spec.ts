import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { readSpans } from '@pingtrace/otlp'
import type { Page } from '@playwright/test'
import { build, type Rolldown } from 'vite'
import type { ByHand } from '../web/src/tracing/by-hand.fixture.ts'
import { expect, test } from './fixtures.ts'
import { mongo, redis, route } from './spans.ts'

// The tracing of the page as another application uses it: `web/src/tracing` and a few lines of its
// own, bundled for production with the page's own configuration.

const EXPORTS = 200

declare const window: { byHand: ByHand }

const path = (file: string) => fileURLToPath(new URL(`../web/${file}`, import.meta.url))

/** The files of the bundle by name, and the name of the one to begin with. */
async function bundle(): Promise<{ files: Map<string, string>; entry: string }> {
  const { output } = (await build({
    configFile: path('vite.config.ts'),
    logLevel: 'silent',
    build: {
      write: false,
      rolldownOptions: { input: path('src/tracing/by-hand.fixture.ts') },
    },
  })) as Rolldown.RolldownOutput
  const chunks = output.filter((file) => file.type === 'chunk')
  const entry = chunks.find((chunk) => chunk.isEntry)?.fileName
  if (entry === undefined) throw new Error('the bundle has no entry')
  return { files: new Map(chunks.map(({ fileName, code }) => [fileName, code])), entry }
}

/**
 * Opens an empty page of the page's origin, since the API lets no other in, and puts the bundle into
 * it. The page itself is really loaded: to a faked one Chromium denies the servers of this machine.
 */
async function open(page: Page, ports: { otlpHttp: number; api: number }): Promise<string> {
  const { files, entry } = await bundle()
  for (const [name, code] of files) {
    await page.route(`/${name}`, (route) =>
      route.fulfill({ contentType: 'text/javascript', body: code }),
    )
  }
  await page.goto('/nothing-is-here')
  await page.addScriptTag({ url: `/${entry}`, type: 'module' })
  const endpoint = `http://localhost:${ports.otlpHttp}/v1/traces`
  const apiUrl = `http://localhost:${ports.api}`
  await page.evaluate(([endpoint, apiUrl]) => window.byHand.start(endpoint, apiUrl), [
    endpoint,
    apiUrl,
  ] as const)
  return apiUrl
}

test('context holds after two awaits, in the production bundles of page and API', async ({
  page,
  stack,
  traces,
}) => {
  const apiUrl = await open(page, stack.ports)
  const trace = await traces.during('operate', () =>
    page.evaluate((apiUrl) => window.byHand.operate(apiUrl), apiUrl),
  )
  const service = 'by-hand'
  expect(trace).toMatchSpans({
    name: 'operation',
    service,
    kind: 'internal',
    children: [
      { name: 'first', service, kind: 'client', children: [route('/redis/:length', redis)] },
      { name: 'second', service, kind: 'client', children: [route('/mongo/:length', mongo)] },
    ],
  })
  const { spans } = trace

  // Within one process the children lie inside their parents.
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  for (const child of spans) {
    const parent = byId.get(child.parentSpanId ?? '')
    if (parent === undefined || parent.service !== child.service) continue
    expect(child.start >= parent.start && child.end <= parent.end, child.name).toBe(true)
  }
})

test(`${EXPORTS} exports in a row are not held up by unread bodies, and make no spans`, async ({
  page,
  stack,
}) => {
  const { port, bodies } = await startCollector()
  await open(page, { otlpHttp: port, api: stack.ports.api })
  const totals = await page.evaluate((count) => window.byHand.exportInTurn(count), EXPORTS)
  expect(totals).toEqual({ exported: EXPORTS, dropped: 0 })
  const names = bodies.map((body) => readSpans(JSON.parse(body)).map(({ name }) => name))
  expect(names).toEqual(Array(EXPORTS).fill(['exported']))
})

/**
 * A collector whose answers may not be cached: Chromium then counts a keepalive request as under way
 * until its body is read, and lets 64 KiB of them be. (Ours says no such thing; others may.)
 */
async function startCollector() {
  const bodies: string[] = []
  const server = createServer(async (request, response) => {
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('access-control-allow-headers', 'content-type')
    response.setHeader('cache-control', 'no-store')
    if (request.method === 'POST') bodies.push(await text(request))
    response.setHeader('content-type', 'application/json').end('{}')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, bodies }
}

const closing: Array<() => void> = []
test.afterEach(() => {
  for (const close of closing.splice(0)) close()
})
