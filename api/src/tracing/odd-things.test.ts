import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { DiagLogLevel, diag, trace } from '@opentelemetry/api'
import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node'
import { Hono } from 'hono'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { ExportLedger } from './export-ledger.ts'
import { serverSpan } from './server-span.ts'
import { startTracing } from './start-tracing.ts'
import { withSpan } from './with-span.ts'

const tracer = trace.getTracer('test')

// The real tracing behind a real socket, with an exporter that behaves as each test wants it to.
let behave: (spans: ReadableSpan[], done: (result: ExportResult) => void) => void
const arrived: string[] = []
const accept = (spans: ReadableSpan[], done: (result: ExportResult) => void) => {
  arrived.push(...spans.map(({ name }) => name))
  done({ code: ExportResultCode.SUCCESS })
}
const exporter: SpanExporter = {
  export: (spans, done) => behave(spans, done),
  shutdown: async () => undefined,
}
const ledger = new ExportLedger()
const tracing = startTracing({
  defaultServiceName: 'pingtrace-api',
  serviceVersion: '0.1.0',
  defaultEndpoint: 'http://127.0.0.1:1',
  connect: () => exporter,
  ledger,
})

const said: string[] = []
const silent = () => undefined
const say = (message: string) => void said.push(message)
diag.setLogger(
  { verbose: silent, debug: silent, info: silent, warn: say, error: say },
  DiagLogLevel.WARN,
)

const app = new Hono()
app.use(serverSpan())
app.get('/one', (c) => withSpan('work', {}, async () => c.text('fine')))
app.get('/twice', async (c) => {
  trace.getActiveSpan()?.end()
  return c.text('fine')
})
app.get('/many', (c) => {
  for (let i = 0; i < 5_000; i++) tracer.startSpan('at once').end()
  return c.text('fine')
})
app.get('/many-awaited', async (c) => {
  await Promise.all(Array.from({ length: 10_000 }, () => withSpan('awaited', {}, async () => 0)))
  return c.text('fine')
})
app.get('/far-too-many', (c) => {
  for (let i = 0; i < 40_000; i++) tracer.startSpan('flood').end()
  return c.text('fine')
})

const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }))
beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'))
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(async () => {
  behave = accept
  await tracing.flush()
  before = sums()
  arrived.length = 0
  said.length = 0
})

async function ask(path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`)
  return `${response.status} ${await response.text()}`
}

let before: ReturnType<typeof sums>

/** Of all traces together, since the test began. */
function totals() {
  const { exported, dropped } = sums()
  return { exported: exported - before.exported, dropped: dropped - before.dropped }
}

function sums() {
  const traces = Object.values(ledger.report().traces)
  return {
    exported: traces.reduce((sum, fates) => sum + fates.exported.length, 0),
    dropped: traces.reduce((sum, fates) => sum + fates.dropped, 0),
  }
}

test('an exporter that throws harms no answer, and the next spans arrive', async () => {
  behave = () => {
    throw new Error('exporter out of order')
  }
  expect(await ask('/one')).toBe('200 fine')
  await tracing.flush()
  expect(said.some((line) => line.includes('2 spans given up'))).toBe(true)
  expect(totals()).toEqual({ exported: 0, dropped: 2 })

  behave = accept
  expect(await ask('/one')).toBe('200 fine')
  await tracing.flush()
  expect(arrived).toEqual(['work', '/one'])
})

test('an exporter that answers twice loses and doubles nothing', async () => {
  behave = (spans, done) => {
    accept(spans, done)
    done({ code: ExportResultCode.FAILED })
  }
  expect(await ask('/one')).toBe('200 fine')
  await tracing.flush()
  expect(arrived).toEqual(['work', '/one'])
  expect(totals()).toEqual({ exported: 2, dropped: 0 })
})

test('an exporter that makes spans does not export those: it would never end', async () => {
  let exports = 0
  behave = (spans, done) => {
    tracer.startSpan('made by the exporter').end()
    exports++
    // Refused once, so that a retry, in a later turn of the event loop, is tried as well.
    if (exports > 1) return accept(spans, done)
    done({ code: ExportResultCode.FAILED, error: Object.assign(new Error('away'), { code: 14 }) })
  }
  expect(await ask('/one')).toBe('200 fine')
  await tracing.flush()
  await tracing.flush()
  expect(arrived).toEqual(['work', '/one'])
  expect(exports).toBe(2)
})

test('a span that was ended already is exported once', async () => {
  expect(await ask('/twice')).toBe('200 fine')
  await vi.waitUntil(() => said.some((line) => line.includes('You can only call end() on a span')))
  await tracing.flush()
  expect(arrived).toEqual(['/twice'])
})

test.each([
  ['/many', 'at once', 5_000],
  ['/many-awaited', 'awaited', 10_000],
])(
  'a request with thousands of spans is answered, and all of them arrive (%s)',
  async (path, name, count) => {
    expect(await ask(path)).toBe('200 fine')
    await tracing.flush()
    expect(arrived.filter((span) => span === name)).toHaveLength(count)
    expect(arrived).toContain(path)
    expect(totals()).toEqual({ exported: count + 1, dropped: 0 })
  },
)

test('more spans than the queue holds are dropped and counted, and the answer comes', async () => {
  const held: Array<() => void> = []
  behave = (spans, done) => void held.push(() => accept(spans, done))
  expect(await ask('/far-too-many')).toBe('200 fine')
  await vi.waitUntil(() => said.some((line) => line.includes('queue full')))
  behave = accept
  for (const answer of held) answer()
  await tracing.flush()
  const { exported, dropped } = totals()
  expect(exported).toBe(32_768)
  expect(exported + dropped).toBe(40_001)
})
