import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSpans, type Span, type TracesData } from '@pingtrace/otlp'
import { chromium, type Page } from '@playwright/test'
import { chromiumArgs, findChromium } from '../scripts/chromium.ts'
import { freePorts } from '../scripts/free-ports.ts'
import { type Stack, startStack } from '../scripts/stack.ts'
import { type Bench, quantile, quick } from './bench.ts'
import { installStopwatch, type Painted } from './stopwatch.ts'

export const name = 'From a click to all six spans on the screen'

const aimMs = 100

/**
 * The built page in a real Chromium and every part in a process of its own, as `npm start` runs
 * them. Each click waits until the trace of the one before it is complete.
 */
export const run: Bench['run'] = async (print, figure) => {
  const clicks = quick ? 10 : 200
  const warmUp = quick ? 2 : 20
  const dataDir = await mkdtemp(join(tmpdir(), 'pingtrace-bench-'))
  const stack = await startStack({
    ports: await freePorts(),
    dataDir,
    fromSource: false,
    onLine: () => undefined,
    onCrash: (part, how) => print(`the ${part} ended by itself (${how})`),
  })
  try {
    const { executablePath, env, version } = await findChromium()
    const browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: chromiumArgs,
      env: { ...process.env, ...env } as Record<string, string>,
    })
    try {
      print(
        `Chromium ${version}, headless; ${describe('Redis', stack.redis)}, ${describe('MongoDB', stack.mongodb)}`,
      )
      const page = await openPage(await browser.newPage(), stack)
      await clickAndWatch(page, warmUp)
      const painted = await clickAndWatch(page, clicks)
      const split = await splitOf(painted, stack)
      report(painted, split, print, figure)
    } finally {
      await browser.close()
    }
  } finally {
    await stack.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

function describe(server: string, { embedded }: { embedded: boolean }): string {
  return embedded ? `${server} embedded` : `${server} real`
}

async function openPage(page: Page, { ports }: Stack): Promise<Page> {
  // tsx wraps functions into a helper of its own, which the page does not have.
  await page.addInitScript(`globalThis.__name = (fn) => fn; (${installStopwatch})()`)
  await page.goto(`http://localhost:${ports.web}`)
  await page.getByText('Live: connected to the collector').waitFor()
  return page
}

/** A click comes through the browser's own input, so that the page sees what a person's would be. */
async function clickAndWatch(page: Page, clicks: number): Promise<Painted[]> {
  const button = page.getByRole('button', { name: 'Ping', exact: true })
  const all: Painted[] = []
  while (all.length < clicks) {
    const [painted] = await Promise.all([
      page.evaluate(() => window.stopwatch.nextClick()),
      button.click(),
    ])
    all.push(painted)
  }
  const traces = new Set(all.map(({ traceId }) => traceId)).size
  if (traces !== clicks) throw new Error(`${clicks} clicks showed ${traces} different traces`)
  return all
}

/** Of each click, in milliseconds: the whole call as the page sees it, and the server's part. */
interface Split {
  call: number[]
  server: number[]
  rest: number[]
}

async function splitOf(painted: Painted[], { ports }: Stack): Promise<Split> {
  const split: Split = { call: [], server: [], rest: [] }
  for (const { traceId, ms } of painted) {
    const response = await fetch(`http://localhost:${ports.query}/api/v3/traces/${traceId}`)
    const { result } = (await response.json()) as { result: TracesData }
    const spans = readSpans(result)
    const call = durationMs(spans, 'client operation')
    split.call.push(call)
    split.server.push(durationMs(spans, '/ping'))
    split.rest.push(ms - call)
  }
  return split
}

function durationMs(spans: Span[], spanName: string): number {
  const span = spans.find((candidate) => candidate.name === spanName)
  if (span === undefined) throw new Error(`no span ${spanName} was stored`)
  return Number(span.end - span.start) / 1e6
}

function report(
  painted: Painted[],
  split: Split,
  print: Parameters<Bench['run']>[0],
  figure: Parameters<Bench['run']>[1],
): void {
  const times = painted.map(({ ms }) => ms)
  const line = (what: string, values: number[]) => {
    const [p50, p95, max] = [0.5, 0.95, 1].map((q) => quantile(values, q).toFixed(1))
    print(`${what.padEnd(44)} p50 ${p50} ms  p95 ${p95} ms  max ${max} ms`)
  }
  line(`click to six spans painted, ${times.length} clicks`, times)
  line('  of it the call (span "client operation")', split.call)
  line('    of it the server (span "/ping", both legs)', split.server)
  line('  the rest: export, store, stream, paint', split.rest)
  const p95 = quantile(times, 0.95)
  print(`aim: p95 under ${aimMs} ms: ${p95 < aimMs ? 'met' : 'NOT met'}`)
  figure({
    what: 'click to all six spans painted',
    value: `p50 ${quantile(times, 0.5).toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`,
    how: `${times.length} clicks, measured in the page, Redis and MongoDB calls included`,
  })
}
