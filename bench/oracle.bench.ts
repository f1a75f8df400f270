import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '@pingtrace/loopback/free-ports'
import { readSpans, type TracesData } from '@pingtrace/otlp'
import { connectCollector, startCollector } from '@pingtrace/trace-oracle'
import { type Browser, chromium, type Page } from '@playwright/test'
import { startJaeger } from '../collector/bench/peers.ts'
import { PageSide } from '../packages/trace-oracle/src/playwright/page-side.ts'
import { runAction } from '../packages/trace-oracle/src/run-action.ts'
import { surroundingsOf } from '../packages/trace-oracle/src/surroundings.ts'
import { chromiumArgs, findChromium } from '../scripts/chromium.ts'
import { freePorts } from '../scripts/free-ports.ts'
import { type Stack, startStack } from '../scripts/stack.ts'
import { type Bench, quantile, quick } from './bench.ts'

export const name = 'From the end of an action to its complete trace'

const clicks = quick ? 5 : 100
const warmUp = quick ? 1 : 10
const quietMs = 100
const pollMs = 10
const spansOfAClick = 6

/** One way to wait. @returns milliseconds since the action was over, and the spans it had then */
type Wait = (page: Page) => Promise<{ ms: number; spans: number }>

/**
 * A click on Ping, as an end-to-end test waits for what it caused; over, it is when the page shows the
 * answer. Waiting for quiet is what other tools do; what it calls complete is counted.
 */
export const run: Bench['run'] = async (print, figure) => {
  await measureStart(print, figure)
  const { executablePath, env } = await findChromium()
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: chromiumArgs,
    env: { ...process.env, ...env } as Record<string, string>,
  })
  const measure = async (what: string, stack: Stack, wait: Wait) => {
    const times: number[] = []
    let wrong = 0
    const page = await openPage(browser, stack)
    for (let click = 0; click < warmUp + clicks; click++) {
      const { ms, spans } = await wait(page)
      if (click < warmUp) continue
      times.push(ms)
      if (spans !== spansOfAClick) wrong++
    }
    await page.context().close()
    const [p50, p95] = [0.5, 0.95].map((q) => quantile(times, q).toFixed(0))
    print(`${what.padEnd(52)} p50 ${p50} ms  p95 ${p95} ms  ${wrong} of ${clicks} not whole`)
    const value = `p50 ${p50} ms, p95 ${p95} ms, ${wrong} of ${clicks} not whole`
    figure({ what: `end of the action to its trace, ${what}`, value, how: `${clicks} clicks` })
  }
  try {
    await withStack({}, async (stack) => {
      await measure('the oracle, with flush hooks', stack, await withOracle(stack))
      const url = `http://localhost:${stack.ports.query}`
      await measure(`waiting for ${quietMs} ms of quiet`, stack, untilQuiet(url))
    })
    const jaeger = await startJaeger(true)
    if (jaeger === undefined) {
      print('Jaeger: SKIPPED, there is none (JAEGER names it)')
      return
    }
    try {
      const [grpc, http] = [jaeger.grpc, jaeger.http].map((at) => `http://${at}`)
      const pageEnv = { PINGTRACE_WEB_OTLP_ENDPOINT: `${http}/v1/traces` }
      await withStack({ env: pageEnv, apiOtlpEndpoint: grpc }, (stack) =>
        measure(
          `Jaeger, polled until ${quietMs} ms of quiet`,
          stack,
          untilQuiet(`http://${jaeger.query}`),
        ),
      )
    } finally {
      await jaeger.stop()
    }
  } finally {
    await browser.close()
  }
}

const starts = 5

/** Of the collector that a test run has for itself, until it answers. */
async function measureStart(...[print, figure]: Parameters<Bench['run']>): Promise<void> {
  const times: number[] = []
  for (let start = 0; start < starts; start++) {
    const began = performance.now()
    const collector = await startCollector()
    times.push(performance.now() - began)
    await collector.stop()
  }
  const value = `${quantile(times, 0.5).toFixed(0)} ms`
  print(`a collector for a test run: ${value}, median of ${starts}`)
  figure({
    what: 'a collector for a test run',
    value,
    how: `to its first answer, median of ${starts}`,
  })
}

async function withStack(
  {
    env = {},
    apiOtlpEndpoint,
  }: { env?: Record<string, string>; apiOtlpEndpoint?: string | undefined },
  use: (stack: Stack) => Promise<void>,
): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pingtrace-bench-'))
  const stack = await startStack({
    ports: await freePorts(),
    backingPorts: { redis: await freePort(), mongodb: await freePort() },
    dataDir,
    fromSource: false,
    env: { PINGTRACE_FLUSH_HOOK: '1', OTEL_EXPORTER_OTLP_ENDPOINT: '', ...env },
    apiOtlpEndpoint,
    onLine: () => undefined,
    onCrash: (part, how) => {
      throw new Error(`the ${part} ended by itself (${how})`)
    },
  })
  try {
    await use(stack)
  } finally {
    await stack.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function openPage(browser: Browser, { ports }: Stack): Promise<Page> {
  const page = await browser.newPage()
  await page.goto(`http://localhost:${ports.web}`)
  await page.getByText('Live: connected to the collector').waitFor()
  return page
}

async function click(page: Page): Promise<string> {
  const asked = page.waitForRequest((request) => request.headers().traceparent !== undefined)
  await page.getByRole('button', { name: 'Ping', exact: true }).click()
  const request = await asked
  await request.response()
  await page.getByText('running…').waitFor({ state: 'detached' })
  return request.headers().traceparent?.split('-')[1] ?? ''
}

async function withOracle({ ports }: Stack): Promise<Wait> {
  const collector = await connectCollector(`http://localhost:${ports.query}`)
  const flush = [`http://localhost:${ports.api}/pingtrace/flush`]
  const surroundings = surroundingsOf(collector, { flush })
  return async (page) => {
    let over = 0
    const side = new PageSide(page.context(), [collector.url, collector.otlpHttpUrl])
    const run = async () => {
      await click(page)
      over = performance.now()
    }
    const test = { runner: 'bench', test: name }
    const { trace, failure } = await runAction({ name: 'click', run, test, side }, surroundings, {})
    if (failure !== undefined) throw failure.error
    if (trace.verdict.kind !== 'exact') throw new Error(`the verdict is ${trace.verdict.kind}`)
    return { ms: performance.now() - over, spans: trace.spans.length }
  }
}

/** Polls until something is there and has stayed as it is. */
function untilQuiet(url: string): Wait {
  return async (page) => {
    const traceId = await click(page)
    const over = performance.now()
    let spans = 0
    let since = over
    for (;;) {
      const found = await countSpans(url, traceId)
      if (found !== spans) since = performance.now()
      spans = found
      if (spans > 0 && performance.now() - since >= quietMs) {
        return { ms: performance.now() - over, spans }
      }
      await delay(pollMs)
    }
  }
}

async function countSpans(url: string, traceId: string): Promise<number> {
  const response = await fetch(`${url}/api/v3/traces/${traceId}`)
  if (!response.ok) return 0
  const { result } = (await response.json()) as { result: TracesData }
  return readSpans(result).length
}
