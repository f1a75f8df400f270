import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from '@playwright/test'
import { chromiumArgs, findChromium } from '../scripts/chromium.ts'
import { startCollectorAlone } from '../scripts/collector-alone.ts'
import { freePorts } from '../scripts/free-ports.ts'
import { type Bench, quantile, quick } from './bench.ts'
import { sendGiantTrace } from './giant-trace.ts'
import { naiveRows } from './naive-rows.ts'
import { installReadClock, scrollThrough } from './waterfall-clock.ts'

export const name = 'A giant trace in the waterfall, beside its rows drawn at once'

const spans = quick ? 5_000 : 100_000
/** Wheel steps of 200 pixels, one a frame. */
const steps = quick ? 60 : 300
/** Of the naive rendering: with all 100,000 the browser does not come back for minutes. */
const naiveRowCount = quick ? 2_000 : 10_000
const aims = { firstScreenMs: 1_000, frameMs: 1_000 / 60 }

/**
 * One trace, made by the real SDK and sent to the built collector, which serves the built viewer to a
 * real Chromium. The naive rendering puts the same rows, with the same classes and styles, into the
 * document at once, a tenth of them.
 */
export const run: Bench['run'] = async (print, figure) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pingtrace-bench-'))
  const ports = await freePorts()
  const collector = await startCollectorAlone({
    ports,
    dataDir,
    onLine: () => undefined,
    onCrash: (part, how) => print(`the ${part} ended by itself (${how})`),
  })
  try {
    const traceId = await sendGiantTrace(`http://localhost:${ports.otlpHttp}/v1/traces`, spans)
    const { executablePath, env, version } = await findChromium()
    const browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: chromiumArgs,
      env: { ...process.env, ...env } as Record<string, string>,
    })
    try {
      print(`Chromium ${version}, headless; one trace of ${spans} spans`)
      const page = await open(browser)
      await page.goto(`http://localhost:${ports.query}/?trace=${traceId}`)
      const opened = await page.evaluate((wanted) => window.readClock.opened(wanted), spans)
      print(
        `from opening the page: first rows ${ms(opened.firstRowsMs)}, last byte ${ms(opened.lastByteMs)}, ` +
          `all of it drawn ${ms(opened.completeMs)}; ${(opened.bytes / 1e6).toFixed(0)} MB read`,
      )
      const wait = opened.completeMs - opened.lastByteMs
      print(
        `from the last byte to the first screen of all: ${ms(wait)}, aim ${said(wait, aims.firstScreenMs)}`,
      )
      print(
        `longest time that the page did not answer while it opened: ${ms(opened.longestTaskMs)}`,
      )
      const windowed = await scrolled(page, '.waterfall')
      report('scrolling', windowed)

      await page.evaluate(naiveRows)
      const naiveDrawn = await page.evaluate((most) => window.naive.draw(most), naiveRowCount)
      print(`naive: ${naiveRowCount} of the rows drawn at once: ${ms(naiveDrawn)}`)
      const naive = await scrolled(page, '.naive')
      report('naive: scrolling', naive)

      figure({
        what: `a trace of ${spans} spans: last byte to first screen`,
        value: ms(wait),
        how: `in the page; ${naiveRowCount} rows drawn at once: ${ms(naiveDrawn)} for the drawing alone`,
      })
      figure({
        what: `a trace of ${spans} spans: opening, all in all`,
        value: ms(opened.completeMs),
        how: `from the navigation; the first rows after ${ms(opened.firstRowsMs)}`,
      })
      figure({
        what: `a trace of ${spans} spans: frames while scrolling`,
        value: `p50 ${frame(windowed, 0.5)}, p95 ${frame(windowed, 0.95)}`,
        how: `${naiveRowCount} rows drawn at once: p50 ${frame(naive, 0.5)}, p95 ${frame(naive, 0.95)}`,
      })
    } finally {
      await browser.close()
    }
  } finally {
    await collector.stop()
    await rm(dataDir, { recursive: true, force: true })
  }

  function report(what: string, frames: number[]): void {
    const late = frames.filter((each) => each > 1.5 * aims.frameMs).length
    print(
      `${what}, ${frames.length} frames: p50 ${frame(frames, 0.5)}, p95 ${frame(frames, 0.95)}, ` +
        `max ${frame(frames, 1)}; ${late} late by half a frame or more`,
    )
  }
}

async function open(browser: Browser): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  // tsx wraps functions into a helper of its own, which the page does not have.
  await page.addInitScript(`globalThis.__name = (fn) => fn; (${installReadClock})()`)
  return page
}

/** Milliseconds of each frame while the rows are scrolled through. */
function scrolled(page: Page, selector: string): Promise<number[]> {
  return page.evaluate(scrollThrough, { steps, selector })
}

const ms = (value: number): string => `${value.toFixed(0)} ms`
const frame = (frames: number[], q: number): string => `${quantile(frames, q).toFixed(1)} ms`
const said = (value: number, aim: number): string => `${aim} ms: ${value < aim ? 'met' : 'NOT met'}`
