import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, statSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { fill, post } from '../collector/bench/fill.ts'
import { type Peer, residentMegabytes, startOurs } from '../collector/bench/peers.ts'
import { protobufRequests } from '../collector/bench/requests.ts'
import type { QueryTimes, StoreTimes } from '../collector/bench/store-queries.ts'
import { TracesScan } from '../collector/src/otlp/scan.ts'
import { root } from '../scripts/paths.ts'
import { type Bench, quantile, quick } from './bench.ts'

export const name = 'What stored spans cost, and how fast they are found'

const million = 1_000_000
const sizes = quick ? [50_000] : [million, 5 * million]
const rounds = quick ? 20 : 300
/** Of the lag: requests of so many spans at this rate, for so long. */
const lag = { batch: 50, spansPerSecond: 10_000, seconds: quick ? 2 : 10 }

/**
 * Memory, disk and lag are those of the built collector, filled over HTTP by this process with spans
 * that differ in every id; queries and the restart are those of the store alone, in a process of its
 * own, so that no HTTP is in the figures.
 */
export const run: Bench['run'] = async (print, figure) => {
  await measureCollector(print, figure)
  await measureQueries(print, figure)
}

const measureCollector: Bench['run'] = async (print, figure) => {
  const peer = await startOurs(root, { PINGTRACE_RETENTION_BYTES: '1024GiB' })
  const folder = join(peer.folder, 'segments')
  try {
    const empty = residentMegabytes(peer.pid)
    let stored = 0
    let sentBytes = 0
    const memory: number[] = []
    for (const size of sizes) {
      sentBytes += (await fill(peer, size - stored)).bytes
      stored = size
      await sealed(folder)
      const resident = residentMegabytes(peer.pid) ?? Number.NaN
      memory.push(resident)
      const share = diskBytes(folder, '.sealed') / (sentBytes - diskBytes(folder, '.segment'))
      print(
        `${inMillions(size)} spans: ${resident.toFixed(0)} MB resident (empty ${empty?.toFixed(0)} MB), ` +
          `${perMillion(diskBytes(folder), size)} MB on disk a million, ` +
          `sealed ${(100 * share).toFixed(1)} % of what was sent`,
      )
      figure({
        what: `process memory, ${inMillions(size)} spans stored`,
        value: `${resident.toFixed(0)} MB`,
        how: `resident, after it was filled over HTTP; ${empty?.toFixed(0)} MB when empty`,
      })
      figure({
        what: `disk, ${inMillions(size)} spans stored`,
        value: `${perMillion(diskBytes(folder), size)} MB a million`,
        how: `sealed segments are ${(100 * share).toFixed(1)} % of the protobuf that was sent`,
      })
    }
    const [first, last] = [memory[0]!, memory.at(-1)!]
    if (memory.length > 1) {
      const each = ((last - first) * million) / (sizes.at(-1)! - sizes[0]!)
      print(`each sealed million: ${each.toFixed(1)} MB`)
    }
    const lags = await measureLag(peer)
    report(print, `export to live stream, ${lag.spansPerSecond} spans/s`, lags)
    figure({
      what: `lag from export to live stream, ${lag.spansPerSecond} spans/s`,
      value: `p50 ${ms(lags, 0.5)}, p95 ${ms(lags, 0.95)}`,
      how: `requests of ${lag.batch} spans over HTTP, from sending one to the event with its trace`,
    })
  } finally {
    await peer.stop()
  }
}

const measureQueries: Bench['run'] = async (print, figure) => {
  const { queries, restart } = await runChild()
  for (const times of queries) {
    for (const when of ['idle', 'whileIngesting'] as const) {
      for (const [kind, each] of Object.entries(times[when])) {
        report(
          print,
          `${inMillions(times.spans)}, ${when === 'idle' ? 'idle' : 'ingesting'}, ${kind}`,
          each,
        )
      }
    }
    for (const kind of Object.keys(times.idle)) figure(figureOf(times, kind))
  }
  print(`restart with ${inMillions(sizes.at(-1)!)} spans: ${restart.toFixed(0)} ms`)
  figure({
    what: `restart, ${inMillions(sizes.at(-1)!)} spans stored`,
    value: `${(restart / 1_000).toFixed(2)} s`,
    how: 'opening the folder, until everything is found; files in the page cache',
  })
}

function figureOf({ spans, idle, whileIngesting }: QueryTimes, kind: string) {
  return {
    what: `${kind}, ${inMillions(spans)} spans`,
    value: `p95 ${ms(idle[kind]!, 0.95)}, while ingesting ${ms(whileIngesting[kind]!, 0.95)}`,
    how: `of the store alone, ${rounds} times; ingesting 50,000 spans/s`,
  }
}

/** For each request, from sending it to the event that names one of its traces; in milliseconds. */
async function measureLag({ http, query }: Peer): Promise<number[]> {
  const lags: number[] = []
  const sentAt = new Map<string, number>()
  const stream = get(`http://${query}/live/v1/stream`)
  const [events] = (await once(stream, 'response')) as [IncomingMessage]
  let text = ''
  events.setEncoding('latin1').on('data', (chunk: string) => {
    const now = performance.now()
    text += chunk
    const end = text.lastIndexOf('\n\n')
    for (const [, id = ''] of text.slice(0, end + 1).matchAll(/"traceId":"([0-9a-f]{32})"/g)) {
      const sent = sentAt.get(id)
      if (sent === undefined) continue
      lags.push(now - sent)
      sentAt.delete(id)
    }
    text = text.slice(end + 1)
  })
  const make = protobufRequests(lag.batch)
  const scan = new TracesScan()
  const count = (lag.spansPerSecond / lag.batch) * lag.seconds
  const began = performance.now()
  const answers: Promise<void>[] = []
  for (let n = 0; n < count; n++) {
    // By the clock, not by the answers: a slow collector gets no less to do.
    const due = began + (1_000 * n * lag.batch) / lag.spansPerSecond
    const wait = due - performance.now()
    if (wait > 0) await delay(wait)
    const body = Buffer.from(make.next())
    scan.scan(body)
    const at = scan.traceIdOffset[0]!
    sentAt.set(body.toString('hex', at, at + 16), performance.now())
    answers.push(post(http, body))
  }
  await Promise.all(answers)
  const deadline = performance.now() + 10_000
  while (sentAt.size > 0 && performance.now() < deadline) await delay(10)
  stream.destroy()
  if (sentAt.size > 0) throw new Error(`${sentAt.size} traces never came on the live stream`)
  return lags
}

/** Waits until one segment is left that is not sealed. */
async function sealed(folder: string): Promise<void> {
  const isOpen = (name: string) => name.endsWith('.segment') || name.endsWith('.unfinished')
  while (readdirSync(folder).filter(isOpen).length > 1) await delay(50)
}

function diskBytes(folder: string, ending = ''): number {
  return readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .reduce((sum, file) => sum + statSync(join(folder, file)).size, 0)
}

async function runChild(): Promise<StoreTimes> {
  const script = fileURLToPath(new URL('../collector/bench/store-queries.ts', import.meta.url))
  const child = fork(script, [JSON.stringify([sizes, rounds])], { execArgv: ['--import', 'tsx'] })
  const [times] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the store ended by itself, exit code ${code}`)
    }),
  ])) as [StoreTimes]
  return times
}

function report(print: (line: string) => void, what: string, times: readonly number[]): void {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((q) => ms(times, q).padStart(9))
  print(`${what.padEnd(58)}  p50 ${p50}  p95 ${p95}  p99 ${p99}`)
}

function ms(times: readonly number[], q: number): string {
  return `${quantile(times, q).toFixed(2)} ms`
}

function inMillions(spans: number): string {
  return spans < million ? `${spans / 1_000} k` : `${spans / million} M`
}

function perMillion(bytes: number, spans: number): string {
  return ((bytes / 1e6) * (million / spans)).toFixed(0)
}
