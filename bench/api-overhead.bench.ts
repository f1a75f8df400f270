import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ServerMessage } from '../api/bench/ping-server.ts'
import { type Figure, quantile, quick } from './bench.ts'
import type { LoadResult } from './open-loop.ts'

export const name = 'What tracing adds to /ping in the API'

const RATE = 500

const variants = [
  { key: 'untraced', label: 'without tracing' },
  { key: 'traced', label: 'pingtrace' },
  { key: 'stock', label: 'stock batch processor and exporter' },
] as const

/** The figures of one window: milliseconds, and CPU of the server in microseconds a request. */
interface Window {
  p50: number
  p95: number
  cpu: number
  errors: number
  rate: number
}

/**
 * Each variant is a server process of its own, asked in turn by a generator in another process at
 * a steady 500 requests a second; a third process takes the spans. The parts of `/ping` that are
 * not ours are stubs in the server's process (api/bench/ping-server.ts).
 */
export async function run(
  print: (line: string) => void,
  figure: (figure: Figure) => void,
): Promise<void> {
  const { rounds, seconds, warmUp } = quick
    ? { rounds: 1, seconds: 2, warmUp: 1 }
    : { rounds: 4, seconds: 4, warmUp: 3 }
  const children: ChildProcess[] = []
  const start = async (path: string, env: NodeJS.ProcessEnv = {}) => {
    const child = startChild(path, [], env)
    children.push(child)
    const { url } = await message<{ url: string }>(child)
    return { child, url }
  }
  try {
    const sink = await start('../api/bench/span-sink.ts')
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url }
    const windows = new Map<string, Window[]>()
    const servers = new Map<string, Awaited<ReturnType<typeof start>>>()
    for (const { key } of variants) {
      const server = await start(`../api/bench/${key}.ts`, env)
      await load(server.url, warmUp)
      servers.set(key, server)
      windows.set(key, [])
    }
    // In turn, so that whatever else the machine does hits all of them alike.
    for (let round = 0; round < rounds; round++) {
      for (const [key, { child, url }] of servers) {
        windows.get(key)?.push(await measure(child, url, seconds))
      }
    }
    report(print, figure, windows, `${rounds} windows of ${seconds} s each`)
  } finally {
    for (const child of children) if (child.connected) child.disconnect()
  }
}

async function measure(server: ChildProcess, url: string, seconds: number): Promise<Window> {
  const before = await cpuMicros(server)
  const { latencies, errors, rate } = await load(url, seconds)
  const cpu = ((await cpuMicros(server)) - before) / (RATE * seconds)
  return { p50: quantile(latencies, 0.5), p95: quantile(latencies, 0.95), cpu, errors, rate }
}

async function cpuMicros(server: ChildProcess): Promise<number> {
  server.send('cpu')
  const answer = await message<ServerMessage>(server)
  return 'cpuMicros' in answer ? answer.cpuMicros : Number.NaN
}

function load(url: string, seconds: number): Promise<LoadResult> {
  return message(startChild('./open-loop.ts', [url, String(RATE), String(seconds)]))
}

function startChild(path: string, args: string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  return fork(fileURLToPath(new URL(path, import.meta.url)), args, {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, ...env },
  })
}

/** The next message of a child. @throws when the child ends instead */
async function message<Message>(child: ChildProcess): Promise<Message> {
  const settled = new AbortController()
  const { signal } = settled
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`${child.spawnargs.at(-1)} ended by itself, exit code ${code}`)
  })
  try {
    const [value] = await Promise.race([once(child, 'message', { signal }), ended])
    return value as Message
  } finally {
    ended.catch(() => undefined)
    settled.abort()
  }
}

function report(
  print: (line: string) => void,
  figure: (figure: Figure) => void,
  all: Map<string, Window[]>,
  how: string,
): void {
  print(`${RATE} requests a second, latency from the scheduled time; medians of ${how}`)
  const median = (key: string, of: keyof Window) =>
    quantile(all.get(key)?.map((window) => window[of]) ?? [], 0.5)
  for (const { key, label } of variants) {
    const errors = all.get(key)?.reduce((sum, window) => sum + window.errors, 0)
    const ratios = (['p50', 'p95', 'cpu'] as const).map((of) =>
      (median(key, of) / median('untraced', of)).toFixed(2),
    )
    const value =
      `p50 ${median(key, 'p50').toFixed(2)} ms, p95 ${median(key, 'p95').toFixed(2)} ms, ` +
      `${median(key, 'cpu').toFixed(0)} µs CPU a request`
    print(
      `${label.padEnd(34)}  ${value}  (${ratios.join(', ')} times), ` +
        `${median(key, 'rate').toFixed(0)}/s, ${errors} errors`,
    )
    figure({ what: `\`/ping\` in the API, ${label}`, value, how: `${RATE} requests a second` })
  }
  for (const { key, label } of variants.slice(1)) {
    const added = median(key, 'cpu') - median('untraced', 'cpu')
    const value = `${added.toFixed(0)} µs CPU a request`
    print(`${label} adds ${value}, which is five spans`)
    figure({ what: `what that adds, ${label}`, value, how: 'five spans a request, exported' })
  }
}
