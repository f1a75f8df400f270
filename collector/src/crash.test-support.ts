/** Kills collectors under load, for the test and the bench of what a sudden death may cost. */
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readSpans, type TracesData } from '@pingtrace/otlp'
import { build } from 'vite'
import type { CollectorPorts } from './collector.ts'
import { defaultRetention } from './store/retention.ts'
import type { ChildOptions } from './testing-child.ts'
import { postTraces, request, span, spanIdOf, traceIdOf } from './testing-requests.ts'

/**
 * Makes one file of the collector: a child starts from it in a third of the time, and each of its
 * deaths needs a child.
 */
export async function buildChild(): Promise<{ script: string; remove: () => void }> {
  // Where it finds the one package that cannot be in the file, since it is not JavaScript.
  const modules = fileURLToPath(new URL('../node_modules', import.meta.url))
  const outDir = mkdtempSync(join(modules, '.crash-test-'))
  await build({
    configFile: false,
    logLevel: 'warn',
    ssr: { noExternal: true, external: ['lz4-napi'] },
    build: {
      ssr: fileURLToPath(new URL('./testing-child.ts', import.meta.url)),
      outDir,
      emptyOutDir: false,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: 'child.mjs' } },
    },
  })
  return { script: join(outDir, 'child.mjs'), remove: () => rmSync(outDir, { recursive: true }) }
}

/** A collector in a process of its own. */
export interface Child {
  /** Tells it its folder. @throws when it ends instead of starting */
  start(options: ChildOptions): Promise<CollectorPorts>
  /** kill -9; resolves when it is dead. */
  kill(): Promise<void>
  log(): string
}

export interface ChildSettings {
  /** Ends writes at 512 KiB or 1 MiB a file. */
  limitFiles?: boolean
  /** Put before the command. */
  inside?: readonly string[]
}

/** A process that has yet to be told its folder. */
export function spawnChild(
  script: string,
  { limitFiles = false, inside = [] }: ChildSettings = {},
): Child {
  const command = [...inside, process.execPath, script]
  const argv = limitFiles ? ['sh', '-c', 'ulimit -f 1024 && exec "$@"', 'sh', ...command] : command
  const stdio = ['ignore', 'ignore', 'pipe', 'ipc'] as const
  const child: ChildProcess = spawn(argv[0]!, argv.slice(1), { stdio: [...stdio] })
  let log = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  const early = once(child, 'exit').then(() => Promise.reject(new Error(`it ended: ${log}`)))
  early.catch(() => undefined)
  return {
    start: async (options) => {
      child.send(options)
      const ready = once(child, 'message') as Promise<[{ ports: CollectorPorts }]>
      return (await Promise.race([ready, early]))[0].ports
    },
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
    log: () => log,
  }
}

/** As the collector counts them. */
export async function storedSpans({ query }: Pick<CollectorPorts, 'query'>): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${query}/healthz`)
  return ((await answer.json()) as { spans: number }).spans
}

const senders = 8
const spansInTrace = 3
/** In segments of 2 MiB; what is sent beyond 16 MiB would push out what is counted. */
const segmentBytes = 2 * 1024 * 1024
/** A death in mid-write leaves what a start cuts off, and says so; there must be no other damage. */
const expected = /^(collector: skipped 0 damaged bytes in 0 places .*, cut \d+ bytes .*\n)?$/

/** What became of a folder whose collectors were killed. */
export interface CrashResult {
  acknowledgedSpans: number
  /** Writes that a death cut short. */
  cuts: number
  sealedSegments: number
}

/**
 * Sends, kills, starts again; then looks for every span that was ever acknowledged.
 * @param killAfter how many answers the senders have got when the process dies, round by round
 * @throws AssertionError when anything acknowledged is gone or there twice, or anything is damaged
 */
export async function killUnderLoad(
  script: string,
  dataDir: string,
  killAfter: readonly number[],
): Promise<CrashResult> {
  const retention = {
    ...defaultRetention,
    bytes: 8 * segmentBytes * Math.ceil(killAfter.length / 20),
  }
  const acknowledged = new Set<number>()
  let unanswered: number[] = []
  let next = 1
  let cuts = 0
  let child = spawnChild(script)
  let spare = spawnChild(script)
  try {
    for (const count of killAfter) {
      const ports = await child.start({ dataDir, retention })
      // Nothing of what was acknowledged before may be missing, and nothing may be there twice.
      const stored = await storedSpans(ports)
      ok(stored >= acknowledged.size * spansInTrace, `${stored} spans, acknowledged are more`)
      ok(stored <= (next - 1) * spansInTrace, `${stored} spans, sent were fewer`)

      let answers = 0
      let killed: Promise<void> | undefined
      const again: number[] = []
      const send = async () => {
        while (killed === undefined) {
          // Like a sender that got no answer: the same spans again, whether they are stored or not.
          const n = unanswered.pop() ?? next++
          const answer = await postTraces(ports.otlpHttp, payloadOf(n)).catch(() => undefined)
          if (answer?.status === 200) acknowledged.add(n)
          else again.push(n)
          if (++answers > count) killed ??= child.kill()
        }
      }
      await Promise.all(Array.from({ length: senders }, send))
      await killed
      match(child.log(), expected)
      if (child.log() !== '') cuts++
      unanswered = [...unanswered, ...again]
      child = spare
      spare = spawnChild(script)
    }
    const ports = await child.start({ dataDir, retention })
    for (const n of unanswered) {
      equal((await postTraces(ports.otlpHttp, payloadOf(n))).status, 200)
      acknowledged.add(n)
    }
    equal(acknowledged.size, next - 1)
    for (const n of acknowledged) await findTrace(ports, n)
    const sealed = readdirSync(dataDir).filter((name) => name.endsWith('.sealed'))
    const acknowledgedSpans = acknowledged.size * spansInTrace
    return { acknowledgedSpans, cuts, sealedSegments: sealed.length }
  } finally {
    await Promise.all([child.kill(), spare.kill()])
  }
}

/** Some are too large for one page, so that a write can be cut. */
function payloadOf(n: number): Uint8Array {
  const name = n % 5 === 0 ? 'x'.repeat(25_000) : 'work'
  const spans = Array.from({ length: spansInTrace }, (_, i) =>
    span(traceIdOf(n), spanIdOf(i + 1), { name }),
  )
  return request('web', ...spans)
}

async function findTrace({ query }: CollectorPorts, n: number): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${query}/api/v3/traces/${traceIdOf(n)}`)
  const { result } = (await answer.json()) as { result: TracesData }
  const ids = readSpans(result).map(({ spanId }) => Number(spanId))
  deepEqual(ids.sort(), [1, 2, 3], `trace ${n}`)
}
