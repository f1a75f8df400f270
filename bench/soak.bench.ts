import type { LoadResult, Transport } from '../collector/bench/load.ts'
import { startLoad } from '../collector/bench/load-process.ts'
import { residentMegabytes, startOurs } from '../collector/bench/peers.ts'
import { startReaders } from '../collector/bench/readers.ts'
import { root } from '../scripts/paths.ts'
import { type Bench, quantile, quick } from './bench.ts'

export const name = 'What ten minutes of mixed load do to memory and latency'

const seconds = quick ? 20 : 600
const windowSeconds = quick ? 2 : 10
/** Left out of the slopes: until code is compiled and the store is full. */
const warmUpSeconds = quick ? 4 : 120
/** About 10,000 spans a second, whatever the answers take. */
const senders: { transport: Transport; batch: number; rate: number }[] = [
  { transport: 'HTTP protobuf', batch: 512, rate: 8 },
  { transport: 'HTTP gzip', batch: 512, rate: 4 },
  { transport: 'gRPC', batch: 100, rate: 20 },
  { transport: 'HTTP JSON', batch: 10, rate: 100 },
  { transport: 'HTTP protobuf', batch: 1, rate: 200 },
]

/** Full after some two minutes: from then on what comes has to push something out. */
const retention = { PINGTRACE_RETENTION_BYTES: '128MiB' }

interface Window {
  /** Seconds since the beginning, at its end. */
  at: number
  megabytes: number
  p99: number
}

/** Fails when a request or a query does; what memory and latency do is printed. */
export const run: Bench['run'] = async (print, figure) => {
  const peer = await startOurs(root, retention)
  const load = startLoad()
  const readers = startReaders(peer)
  const windows: Window[] = []
  let spans = 0
  let errors = 0
  try {
    const began = performance.now()
    while (performance.now() - began < seconds * 1_000) {
      const results: LoadResult[] = await Promise.all(
        senders.map((sender) =>
          load.run({
            ...sender,
            target: sender.transport === 'gRPC' ? peer.grpc : peer.http,
            connections: 4,
            seconds: windowSeconds,
          }),
        ),
      )
      for (const result of results) {
        spans += result.spans
        errors += result.errors
      }
      windows.push({
        at: (performance.now() - began) / 1_000,
        megabytes: residentMegabytes(peer.pid) ?? Number.NaN,
        p99: quantile(
          results.flatMap(({ latencies }) => latencies),
          0.99,
        ),
      })
      if (windows.length % 6 === 0) print(describe(windows.at(-1)!))
    }
  } finally {
    readers.stop()
    load.stop()
    await peer.stop()
  }
  const steady = windows.filter(({ at }) => at > warmUpSeconds)
  const [memory, latency] = (['megabytes', 'p99'] as const).map((of) =>
    slopePerMinute(steady.map((window) => [window.at, window[of]])),
  )
  const p99s = steady.map(({ p99 }) => p99)
  const { queries, kilobytes } = readers
  print(
    `${(spans / 1e6).toFixed(1)} M spans, ${errors} errors, ${queries} queries, ${kilobytes} kB streamed; ` +
      `memory ${signed(memory!)} MB a minute, p99 ${signed(latency!)} ms a minute`,
  )
  figure({
    what: `mixed load for ${seconds} s`,
    value:
      `memory ${steady.at(-1)?.megabytes.toFixed(0)} MB, ${signed(memory!)} MB a minute; ` +
      `p99 ${quantile(p99s, 0.5).toFixed(1)} ms, ${signed(latency!)} ms a minute`,
    how:
      `${(spans / 1e6).toFixed(1)} M spans by all transports, queries and a stream beside them; ` +
      `straight lines through windows of ${windowSeconds} s, without the first ${warmUpSeconds} s`,
  })
  const failed = errors + readers.failures
  if (failed > 0) throw new Error(`${failed} requests or queries failed`)
}

/** Of the straight line that fits best (least squares), for each minute. */
function slopePerMinute(points: readonly (readonly [at: number, value: number])[]): number {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const [atMean, valueMean] = [mean(points.map(([at]) => at)), mean(points.map(([, v]) => v))]
  let above = 0
  let below = 0
  for (const [at, value] of points) {
    above += (at - atMean) * (value - valueMean)
    below += (at - atMean) ** 2
  }
  return (60 * above) / below
}

function describe({ at, megabytes, p99 }: Window): string {
  return `${at.toFixed(0).padStart(4)} s  ${megabytes.toFixed(0)} MB  p99 ${p99.toFixed(1)} ms`
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(2)}`
}
