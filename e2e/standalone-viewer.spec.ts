import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { context, SpanStatusCode, trace } from '@opentelemetry/api'
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter as HttpExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  NodeTracerProvider,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node'
import { type Ports, serveOnLoopback } from '@pingtrace/loopback'
import { test as base, expect, type Page } from '@playwright/test'
import { startCollectorAlone } from '../scripts/collector-alone.ts'
import { freePorts } from '../scripts/free-ports.ts'

interface Fixtures {
  /** Where the collector listens; it is alone, and its store is empty. */
  ports: Ports
  /** What the page complained of: an error, or something that its policy forbids. */
  complaints: string[]
}

const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names from this pattern
  ports: async ({}, use) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'pingtrace-e2e-'))
    const ports = await freePorts()
    const lines: string[] = []
    const collector = await startCollectorAlone({
      ports,
      dataDir,
      onLine: (_name, line) => lines.push(line),
      onCrash: (_name, how) => {
        throw new Error(`the collector ended (${how}):\n${lines.slice(-20).join('\n')}`)
      },
    })
    await use(ports)
    await collector.stop()
    await rm(dataDir, { recursive: true, force: true })
  },
  baseURL: async ({ ports }, use) => use(`http://localhost:${ports.query}`),
  complaints: async ({ page }, use) => {
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    await use(complaints)
  },
})

/** What an application that is not ours sends: a root with a failed child. Answers the trace id. */
async function sendTrace(service: string, exporter: SpanExporter): Promise<string> {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  })
  const tracer = provider.getTracer('checkout', '2.0')
  const root = tracer.startSpan('place order')
  const child = tracer.startSpan('charge card', {}, trace.setSpan(context.active(), root))
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'card declined' })
  child.end()
  root.end()
  await provider.shutdown()
  return root.spanContext().traceId
}

const overHttp = ({ otlpHttp }: Ports) =>
  new HttpExporter({ url: `http://localhost:${otlpHttp}/v1/traces` })

/** An exporter that was told of the collector by nothing but the line that the viewer shows. */
async function exporterAsToldBy(page: Page, how: 'http/protobuf' | 'grpc'): Promise<SpanExporter> {
  const line = await page.getByText(`OTEL_EXPORTER_OTLP_PROTOCOL=${how}`).textContent()
  const [, endpoint] = /^OTEL_EXPORTER_OTLP_ENDPOINT=(\S+) /.exec(line ?? '') ?? []
  expect(endpoint).toBeDefined()
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = endpoint
  try {
    return how === 'grpc' ? new GrpcExporter() : new HttpExporter()
  } finally {
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT
  }
}

const liveTrace = (page: Page) => page.getByRole('region', { name: 'Live trace' })
const shown = (page: Page, traceId: string) => page.locator(`section[data-trace-id="${traceId}"]`)
const recent = (page: Page) => page.getByRole('region', { name: 'Recent traces' })

test('says how to connect, and shows by itself what an SDK sends over HTTP and gRPC', async ({
  page,
  complaints,
}) => {
  await page.goto('/')
  await expect(page.getByRole('banner').getByRole('status')).toHaveText(
    'Live: connected to the collector',
  )
  await expect(page.getByText('No trace has arrived yet')).toBeVisible()
  const http = await exporterAsToldBy(page, 'http/protobuf')
  const grpc = await exporterAsToldBy(page, 'grpc')

  const first = await sendTrace('shop', http)
  await expect(shown(page, first)).toBeVisible()
  await expect(page.getByRole('treeitem', { name: /^place order, shop/ })).toBeVisible()
  await expect(page.getByRole('treeitem', { name: /^charge card, shop.*error/ })).toBeVisible()

  const second = await sendTrace('stock', grpc)
  await expect(shown(page, second)).toBeVisible()
  await expect(page.getByRole('treeitem', { name: /^place order, stock/ })).toBeVisible()
  await expect(recent(page).getByRole('listitem')).toHaveCount(2)
  expect(complaints).toEqual([])
})

test('a link to a trace shows that one, after a reload and whatever arrives', async ({
  page,
  ports,
}) => {
  const first = await sendTrace('shop', overHttp(ports))
  await sendTrace('shop', overHttp(ports))
  await page.goto(`/?trace=${first}`)
  await expect(shown(page, first)).toBeVisible()
  await page.getByRole('treeitem', { name: /^charge card/ }).click()
  await page.reload()
  await expect(page.getByRole('region', { name: 'charge card' })).toContainText('card declined')

  const third = await sendTrace('shop', overHttp(ports))
  await expect(recent(page).locator(`[data-trace-id="${third}"]`)).toBeVisible()
  await expect(shown(page, first)).toBeVisible()
  await page.getByRole('button', { name: 'Follow latest trace' }).click()
  await expect(shown(page, third)).toBeVisible()
  await page.goBack()
  await expect(shown(page, first)).toBeVisible()
})

test('waits for a trace that has not come, and says so', async ({ page }) => {
  const unknown = 'f'.repeat(32)
  await page.goto(`/?trace=${unknown}`)
  await expect(liveTrace(page)).toContainText(
    `Waiting for spans of trace ${unknown}: the collector has none so far.`,
  )
})

test('can be used by keyboard alone', async ({ page, ports }) => {
  const first = await sendTrace('shop', overHttp(ports))
  const second = await sendTrace('stock', overHttp(ports))
  await page.goto('/')
  await expect(shown(page, second)).toBeVisible()
  await recent(page).locator(`[data-trace-id="${first}"]`).focus()
  await page.keyboard.press('Enter')
  await expect(shown(page, first)).toBeVisible()
  await page.getByRole('treeitem', { name: /^place order/ }).focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('region', { name: 'charge card' })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('treeitem', { name: /^charge card/ })).toBeFocused()
})

for (const state of ['empty', 'with a trace'] as const) {
  test(`nothing is cut off at 390 pixels, ${state}`, async ({ page, ports }) => {
    await page.setViewportSize({ width: 390, height: 844 })
    if (state === 'with a trace') await sendTrace('shop', overHttp(ports))
    await page.goto('/')
    const last =
      state === 'empty' ? page.getByText('new OTLPTraceExporter') : page.getByRole('tree')
    await expect(last).toBeVisible()
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect(overflow).toBe(0)
  })
}

test('a page of another origin gets nothing of it', async ({ page, ports }) => {
  await sendTrace('shop', overHttp(ports))
  const stranger = await serveOnLoopback(
    () => createServer((_request, response) => response.end('<!doctype html><body>')),
    0,
  )
  try {
    const viewer = `http://localhost:${ports.query}`
    await page.goto(viewer)
    const asset = await page.locator('script[src]').getAttribute('src')
    const origin = `http://localhost:${stranger.port}`
    await page.goto(origin)
    const paths = ['/', `${asset}`, '/healthz', '/live/v1/traces', '/live/v1/stream']
    const outcomes = await page.evaluate(
      async ({ viewer, paths }) => {
        const outcomes: string[] = []
        for (const path of paths) {
          outcomes.push(
            await fetch(viewer + path).then(
              () => 'read',
              () => 'refused',
            ),
          )
          // Without an origin: the page may not read it, but could run it or draw it.
          const script = document.createElement('script')
          script.src = viewer + path
          const loaded = new Promise<string>((resolve) => {
            script.onload = () => resolve('run')
            script.onerror = () => resolve('refused')
          })
          document.body.append(script)
          outcomes.push(await loaded)
        }
        return outcomes
      },
      { viewer, paths },
    )
    expect(outcomes).toEqual(paths.flatMap(() => ['refused', 'refused']))
    // Not only kept from the page by the browser: it is not sent.
    for (const path of paths) {
      expect((await fetch(viewer + path, { headers: { origin } })).status, path).toBe(403)
    }
  } finally {
    await stranger.close(0)
  }
})
