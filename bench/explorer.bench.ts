import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Ports } from '@pingtrace/loopback'
import { type CDPSession, chromium, type Page } from '@playwright/test'
import { chromiumArgs, findChromium } from '../scripts/chromium.ts'
import { startCollectorAlone } from '../scripts/collector-alone.ts'
import { freePorts } from '../scripts/free-ports.ts'
import { type Bench, quantile, quick } from './bench.ts'
import type { PacedResult } from './paced-load.ts'

export const name = 'The live list while spans come without end'

const spansPerSecond = 10_000
/** BENCH_SECONDS=600 are the ten minutes that the page must stand; half of them under the pointer. */
const seconds = Number(process.env.BENCH_SECONDS ?? (quick ? 8 : 40))
/** A window before it, in which the list fills and code gets warm. */
const warmUpSeconds = 5

/** What the page is, after its garbage is gone. */
interface Size {
  heapMb: number
  nodes: number
  listeners: number
}

/** The built viewer in a real Chromium, the collector and the load, each a process of its own. */
export const run: Bench['run'] = async (print, figure) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pingtrace-bench-'))
  const ports = await freePorts()
  const collector = await startCollectorAlone({
    ports,
    dataDir,
    onLine: () => undefined,
    onCrash: (part, how) => print(`the ${part} ended by itself (${how})`),
  })
  const { executablePath, env, version } = await findChromium()
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: chromiumArgs,
    env: { ...process.env, ...env } as Record<string, string>,
  })
  try {
    print(`Chromium ${version}, headless, ${seconds} s at ${spansPerSecond} spans/s`)
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    const devtools = await page.context().newCDPSession(page)
    // tsx wraps functions into a helper of its own, which the page does not have.
    await page.addInitScript('globalThis.__name = (fn) => fn')
    await page.goto(`http://localhost:${ports.query}`)
    await page.getByText('Live: connected to the collector').waitFor()
    const load = startLoad(ports)
    await delay(warmUpSeconds * 1_000)

    const before = await sizeOf(devtools)
    const free = await framesDuring(page, seconds / 2)
    const middle = await sizeOf(devtools)
    const held = await heldDuring(page, seconds / 2)
    const after = await sizeOf(devtools)
    const sent = await load.stop()

    const rate = (sent.spans / sent.seconds).toFixed(0)
    print(`${sent.spans} spans acknowledged, ${rate} a second; ${sent.errors} requests failed`)
    print(framesText('the list free', free))
    print(framesText('the pointer on a row', held.frames))
    const stayed = held.moved ? 'MOVED' : 'stayed'
    print(
      `the row under the pointer ${stayed}, layout shift ${held.shift.toFixed(4)}; ${held.waiting}`,
    )
    const sizes = { before, middle, after }
    for (const [when, { heapMb, nodes, listeners }] of Object.entries(sizes)) {
      print(
        `${when.padEnd(8)} heap ${heapMb.toFixed(1)} MB, ${nodes} nodes, ${listeners} listeners`,
      )
    }
    await timeOverviews(ports, print)
    figure({
      what: `frames of the live list at ${rate} spans/s`,
      value: `p50 ${quantile(free, 0.5).toFixed(0)} ms, p95 ${quantile(free, 0.95).toFixed(0)} ms`,
      how: `${seconds / 2} s in the page; heap ${before.heapMb.toFixed(0)} to ${after.heapMb.toFixed(0)} MB, ${before.nodes} to ${after.nodes} nodes in ${seconds} s`,
    })
  } finally {
    await browser.close()
    await collector.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

function startLoad({ otlpHttp }: Ports): { stop(): Promise<PacedResult> } {
  const script = fileURLToPath(new URL('./paced-load.ts', import.meta.url))
  const url = `http://127.0.0.1:${otlpHttp}/v1/traces`
  const child: ChildProcess = fork(script, [url, String(spansPerSecond)], {
    execArgv: ['--import', 'tsx'],
  })
  return {
    stop: async () => {
      const result = once(child, 'message')
      child.send('stop')
      return (await result)[0] as PacedResult
    },
  }
}

/** Milliseconds between the frames of a while. */
function framesDuring(page: Page, duration: number): Promise<number[]> {
  return page.evaluate(
    (millis) =>
      new Promise<number[]>((resolve) => {
        const frames: number[] = []
        const began = performance.now()
        let last = began
        const onFrame = (now: number): void => {
          frames.push(now - last)
          last = now
          if (now - began < millis) requestAnimationFrame(onFrame)
          else resolve(frames)
        }
        requestAnimationFrame(onFrame)
      }),
    duration * 1_000,
  )
}

/** What the browser counted of its Layout Instability API; 0.1 is what people begin to mind. */
interface Shifted {
  shifted: number
}

/** The same while somebody points at a row, which must stay there. */
async function heldDuring(page: Page, duration: number) {
  const row = page.locator('tbody a').nth(5)
  await row.hover()
  const id = await row.getAttribute('data-trace-id')
  await page.evaluate(() => {
    Object.assign(globalThis, { shifted: 0 })
    new PerformanceObserver((list) => {
      const shifts = list.getEntries() as (PerformanceEntry & { value: number })[]
      for (const { value } of shifts) (globalThis as unknown as Shifted).shifted += value
    }).observe({ type: 'layout-shift' })
  })
  const frames = await framesDuring(page, duration)
  const shift = await page.evaluate(() => (globalThis as unknown as Shifted).shifted)
  const moved = (await row.getAttribute('data-trace-id')) !== id
  const waiting = await page.locator('.traces-waiting').textContent()
  await page.mouse.move(0, 0)
  return { frames, moved, shift, waiting }
}

async function sizeOf(devtools: CDPSession): Promise<Size> {
  await devtools.send('HeapProfiler.collectGarbage')
  await devtools.send('Performance.enable')
  const { metrics } = await devtools.send('Performance.getMetrics')
  const of = (metric: string) => metrics.find(({ name }) => name === metric)?.value ?? Number.NaN
  return {
    heapMb: of('JSHeapUsedSize') / 2 ** 20,
    nodes: of('Nodes'),
    listeners: of('JSEventListeners'),
  }
}

function framesText(what: string, frames: number[]): string {
  const [p50, p95, p99, max] = [0.5, 0.95, 0.99, 1].map((q) => quantile(frames, q).toFixed(0))
  const long = frames.filter((ms) => ms > 50).length
  return `${what.padEnd(22)} frame p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms, max ${max} ms; ${long} of ${frames.length} over 50 ms`
}

/** How long the answers about everything take, of what was stored meanwhile. */
async function timeOverviews({ query }: Ports, print: (line: string) => void): Promise<void> {
  const ask = async (path: string) => {
    const began = performance.now()
    const response = await fetch(`http://localhost:${query}/live/v1/${path}`)
    return { body: await response.json(), ms: performance.now() - began }
  }
  const operations = await ask('operations')
  const { spanCount } = operations.body as { spanCount: number }
  print(`operations of ${spanCount} spans: ${operations.ms.toFixed(0)} ms`)
  print(`service map of them: ${(await ask('service-map')).ms.toFixed(0)} ms`)
}
