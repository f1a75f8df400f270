import { measureLimits } from '../collector/bench/limits.ts'
import type { Transport } from '../collector/bench/load.ts'
import { type Load, startLoad } from '../collector/bench/load-process.ts'
import {
  cpuSeconds,
  type Peer,
  startJaeger,
  startOtelcol,
  startOurs,
} from '../collector/bench/peers.ts'
import { root } from '../scripts/paths.ts'
import { type Bench, quantile, quick } from './bench.ts'

export const name = 'How many spans a second a core receives'

const transports: Transport[] = ['HTTP protobuf', 'HTTP JSON', 'HTTP gzip', 'gRPC']
const batches = [512, 10, 1]
const connections = 16

/** Of one peer, one transport and one batch size: a window each. */
interface Window {
  /** Acknowledged spans for each second of the server's CPU. */
  perCore: number
  perSecond: number
  p50: number
  p99: number
  errors: number
}

/**
 * The load comes from another process, which sends spans that no peer has seen; what counts is how
 * many were acknowledged for each second of CPU that the server used, so that the load's own cost
 * does not. Ours writes and indexes every span before it answers.
 */
export const run: Bench['run'] = async (print, figure) => {
  if (cpuSeconds(process.pid) === undefined) {
    print('skipped: only /proc (Linux) tells what CPU another process has used')
    return
  }
  const { rounds, seconds } = quick ? { rounds: 1, seconds: 1 } : { rounds: 3, seconds: 2 }
  const limits = await measureLimits(quick ? 0.2 : 2)
  const [scan, write] = [limits.scan, limits.write].map((each) => thousands(each).trim())
  print(`the limits: scan alone ${scan} k spans/s a core, write alone ${write} k`)
  figure({
    what: 'the limits: scan alone, write alone',
    value: `${scan} k, ${write} k spans/s a core`,
    how: 'protobuf of 512 spans a request, in one process; written into the page cache, with checksums',
  })
  const starts = [() => startOurs(root), startOtelcol, startJaeger]
  const windows = new Map<string, Window[]>()
  const load = startLoad()
  let labels: string[] = []
  try {
    // Each transport meets new servers: Jaeger's would have all of the machine's memory otherwise.
    for (const transport of transports) {
      const peers: Peer[] = []
      try {
        for (const start of starts) {
          const peer = await start()
          if (peer !== undefined) peers.push(peer)
        }
        labels = peers.map(({ label }) => label)
        for (const batch of batches) {
          for (const peer of peers) await warm(load, peer, transport, batch)
          // In turn, so that whatever else the machine does hits all of them alike.
          for (let round = 0; round < rounds; round++) {
            for (const peer of peers) {
              const key = `${peer.label} ${transport} ${batch}`
              const window = await measure(load, peer, transport, batch, seconds)
              windows.set(key, [...(windows.get(key) ?? []), window])
            }
          }
          report(transport, batch)
        }
      } finally {
        for (const peer of peers) await peer.stop()
      }
    }
  } finally {
    load.stop()
  }
  if (labels.length < starts.length) {
    print('a peer is not on PATH (see CONTRIBUTING.md); measured without it')
  }

  function report(transport: Transport, batch: number): void {
    const median = (label: string, of: keyof Window) =>
      quantile(windows.get(`${label} ${transport} ${batch}`)?.map((each) => each[of]) ?? [], 0.5)
    const ours = median(labels[0]!, 'perCore')
    for (const label of labels) {
      print(
        `${transport.padEnd(13)} ${String(batch).padStart(3)}  ${label.padEnd(26)} ` +
          `${thousands(median(label, 'perCore'))} k spans/s a core  ` +
          `${thousands(median(label, 'perSecond'))} k/s  ` +
          `p50 ${median(label, 'p50').toFixed(1)} ms  p99 ${median(label, 'p99').toFixed(1)} ms  ` +
          `${median(label, 'errors')} errors`,
      )
    }
    const ratios = labels
      .slice(1)
      .map((label) => `${(ours / median(label, 'perCore')).toFixed(1)} × ${label}`)
    figure({
      what: `received, ${transport}, ${batch} a request`,
      value: [`${thousands(ours).trim()} k spans/s a core`, ...ratios].join(', '),
      how: `stored and acknowledged; medians of ${rounds} windows of ${seconds} s`,
    })
  }
}

/** Until a server has had the time to compile what it does, however busy the machine is. */
async function warm(load: Load, peer: Peer, transport: Transport, batch: number): Promise<void> {
  const until = cpuSeconds(peer.pid)! + (quick ? 0.3 : 2)
  for (let i = 0; i < 10 && cpuSeconds(peer.pid)! < until; i++) {
    await measure(load, peer, transport, batch, 0.5)
  }
}

async function measure(
  load: Load,
  peer: Peer,
  transport: Transport,
  batch: number,
  seconds: number,
): Promise<Window> {
  const target = transport === 'gRPC' ? peer.grpc : peer.http
  const before = cpuSeconds(peer.pid)!
  const result = await load.run({ transport, target, batch, connections, seconds })
  const used = cpuSeconds(peer.pid)! - before
  return {
    perCore: result.spans / used,
    perSecond: result.spans / result.seconds,
    p50: quantile(result.latencies, 0.5),
    p99: quantile(result.latencies, 0.99),
    errors: result.errors,
  }
}

function thousands(value: number): string {
  return (value / 1_000).toFixed(value < 100_000 ? 1 : 0).padStart(6)
}
