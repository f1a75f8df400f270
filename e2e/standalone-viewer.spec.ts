import { createServer } from 'node:http'
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter as HttpExporter } from '@opentelemetry/exporter-trace-otlp-http'
import type { SpanExporter } from '@opentelemetry/sdk-trace-node'
import { serveOnLoopback } from '@pingtrace/loopback'
import type { Page } from '@playwright/test'
import { expect, overHttp, sendTrace, test } from './collector-alone.ts'

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
const list = (page: Page) => page.getByRole('region', { name: 'Traces', exact: true })

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
  await expect(list(page).locator('tbody tr')).toHaveCount(2)
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
  await expect(list(page).locator(`[data-trace-id="${third}"]`)).toBeVisible()
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
  await list(page).locator(`[data-trace-id="${first}"]`).focus()
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
