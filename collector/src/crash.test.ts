import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readSpans, type TracesData } from '@pingtrace/otlp'
import fc from 'fast-check'
import { build } from 'vite'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { CollectorPorts } from './collector.ts'
import { defaultRetention } from './store/retention.ts'
import { postTraces, request, span, spanIdOf, temporaryFolder, traceIdOf } from './testing.ts'
import type { ChildOptions } from './testing-child.ts'

let script: string

/** As one file a child starts in a third of the time, and this needs one for each of its deaths. */
beforeAll(async () => {
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
  script = join(outDir, 'child.mjs')
  return () => rmSync(outDir, { recursive: true })
})

/** A process that has yet to be told its folder; `limitFiles` ends writes at 512 KiB or 1 MiB a file. */
function spawnChild({ limitFiles = false } = {}) {
  const command = [process.execPath, script]
  const argv = limitFiles ? ['sh', '-c', 'ulimit -f 1024 && exec "$@"', 'sh', ...command] : command
  const stdio = ['ignore', 'ignore', 'pipe', 'ipc'] as const
  const child: ChildProcess = spawn(argv[0]!, argv.slice(1), { stdio: [...stdio] })
  let log = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const early = once(child, 'exit').then(() => Promise.reject(new Error(`it ended: ${log}`)))
  early.catch(() => undefined)
  return {
    start: async (options: ChildOptions) => {
      child.send(options)
      const ready = once(child, 'message') as Promise<[{ ports: CollectorPorts }]>
      return (await Promise.race([ready, early]))[0].ports
    },
    kill: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
    log: () => log,
  }
}

async function startChild(dataDir: string, options?: { limitFiles: boolean }) {
  const child = spawnChild(options)
  return { ...child, ports: await child.start({ dataDir }) }
}

async function storedSpans({ query }: CollectorPorts): Promise<number> {
  const health = (await (await fetch(`http://127.0.0.1:${query}/healthz`)).json()) as {
    spans: number
  }
  return health.spans
}

describe('after kill -9', () => {
  const rounds = 20
  const senders = 8
  const spansInTrace = 3
  /** How many answers the senders have got when the process dies, round by round; the seed is fixed. */
  const killAfter = fc.sample(fc.integer({ min: 0, max: 80 }), rounds)
  /** More than all that is sent, in segments of 2 MiB: the senders come to the end of some. */
  const retention = { ...defaultRetention, bytes: 16 * 1024 * 1024 }
  /** A death in mid-write leaves what a start cuts off, and says so; there must be no other damage. */
  const expected = /^(collector: skipped 0 damaged bytes in 0 places .*, cut \d+ bytes .*\n)?$/

  /** Some are too large for one page, so that a write can be cut. */
  const payloadOf = (n: number) => {
    const name = n % 5 === 0 ? 'x'.repeat(25_000) : 'work'
    const spans = Array.from({ length: spansInTrace }, (_, i) =>
      span(traceIdOf(n), spanIdOf(i + 1), { name }),
    )
    return request('web', ...spans)
  }

  it('every acknowledged span is there, and none twice, twenty times in a row', async () => {
    const dataDir = temporaryFolder()
    const acknowledged = new Set<number>()
    let unanswered: number[] = []
    let next = 1
    let spare = spawnChild()
    for (const count of killAfter) {
      const child = spare
      const ports = await child.start({ dataDir, retention })
      spare = spawnChild()
      // Nothing of what was acknowledged before may be missing, and nothing may be there twice.
      const stored = await storedSpans(ports)
      expect(stored).toBeGreaterThanOrEqual(acknowledged.size * spansInTrace)
      expect(stored).toBeLessThanOrEqual((next - 1) * spansInTrace)

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
      expect(child.log()).toMatch(expected)
      unanswered = [...unanswered, ...again]
    }

    const { query, otlpHttp } = await spare.start({ dataDir, retention })
    for (const n of unanswered) {
      expect((await postTraces(otlpHttp, payloadOf(n))).status).toBe(200)
      acknowledged.add(n)
    }
    expect(acknowledged.size).toBe(next - 1)
    expect(readdirSync(dataDir).filter((name) => name.endsWith('.sealed')).length).toBeGreaterThan(
      2,
    )
    for (const n of acknowledged) {
      const url = `http://127.0.0.1:${query}/api/v3/traces/${traceIdOf(n)}`
      const { result } = (await (await fetch(url)).json()) as { result: TracesData }
      const ids = readSpans(result).map(({ spanId }) => Number(spanId))
      expect(ids.sort(), `trace ${n}`).toEqual([1, 2, 3])
    }
  }, 120_000)
})

it('kill -9 while a segment is sealed loses nothing, six times in a row', async () => {
  const dataDir = temporaryFolder()
  // Segments of 4 MiB, which take a while to seal.
  const retention = { ...defaultRetention, bytes: 32 * 1024 * 1024 }
  const spansInRequest = 2_000
  const payloadOf = (n: number) => {
    const spans = Array.from({ length: spansInRequest }, (_, i) =>
      span(traceIdOf(n * spansInRequest + i), spanIdOf(i + 1), { name: `operation ${i}` }),
    )
    return request('web', ...spans)
  }
  const isSealing = () => readdirSync(dataDir).some((name) => name.endsWith('.sealed.unfinished'))
  let acknowledged = 0
  let caught = 0
  for (let round = 0; round < 6; round++) {
    const child = spawnChild()
    const { otlpHttp, query } = await child.start({ dataDir, retention })
    expect(await storedSpans({ query } as CollectorPorts)).toBe(acknowledged * spansInRequest)
    for (let sent = 0; sent < 60 && !isSealing(); sent++) {
      expect((await postTraces(otlpHttp, payloadOf(acknowledged + 1))).status).toBe(200)
      acknowledged++
    }
    if (isSealing()) caught++
    await child.kill()
    expect(child.log()).toBe('')
  }
  expect(caught).toBeGreaterThan(0)
  const { ports, log } = await startChild(dataDir)
  expect(await storedSpans(ports)).toBe(acknowledged * spansInRequest)
  expect(log()).toBe('')
}, 120_000)

describe('a disk that takes no more', () => {
  // A limit on the size of files makes the kernel answer like a full disk: a short write, then none.
  it.skipIf(process.platform === 'win32')(
    'makes senders retry, keeps what was acknowledged, and leaves no damage',
    async () => {
      const folder = temporaryFolder()
      const full = await startChild(folder, { limitFiles: true })
      const name = 'x'.repeat(50_000)
      const payloadOf = (n: number) => request('web', span(traceIdOf(n), spanIdOf(1), { name }))
      let acknowledged = 0
      let answer = await postTraces(full.ports.otlpHttp, payloadOf(1))
      while (answer.status === 200) {
        acknowledged++
        answer = await postTraces(full.ports.otlpHttp, payloadOf(acknowledged + 1))
      }
      expect(answer.status).toBe(503)
      expect(answer.headers.get('retry-after')).toBe('1')
      expect(acknowledged).toBeGreaterThan(5)
      expect((await postTraces(full.ports.otlpHttp, payloadOf(acknowledged + 1))).status).toBe(503)
      expect(await storedSpans(full.ports)).toBe(acknowledged)
      // A small request still finds room.
      const small = request('web', span(traceIdOf(9_999), spanIdOf(1)))
      expect((await postTraces(full.ports.otlpHttp, small)).status).toBe(200)
      await full.kill()
      expect(full.log().match(/cannot store/g)).toHaveLength(1)

      const { ports, log } = await startChild(folder)
      expect(await storedSpans(ports)).toBe(acknowledged + 1)
      expect((await postTraces(ports.otlpHttp, payloadOf(acknowledged + 1))).status).toBe(200)
      expect(log()).toBe('')
    },
  )
})
