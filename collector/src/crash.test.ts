import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { CollectorPorts } from './collector.ts'
import { postTraces, request, span, spanIdOf, temporaryFolder, traceIdOf } from './testing.ts'

const script = fileURLToPath(new URL('./testing-child.ts', import.meta.url))

/** Starts a collector as a child process; `limitFiles` ends writes at 512 KiB or 1 MiB a file. */
async function startChild(folder: string, { limitFiles = false } = {}) {
  const command = [process.execPath, '--import', 'tsx', script, folder]
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
  const [{ ports }] = (await Promise.race([once(child, 'message'), early])) as [
    { ports: CollectorPorts },
  ]
  // From here on its end is what the test wants.
  early.catch(() => undefined)
  const kill = async () => {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  return { ports, kill, log: () => log }
}

async function storedSpans({ query }: CollectorPorts): Promise<number> {
  const health = (await (await fetch(`http://127.0.0.1:${query}/healthz`)).json()) as {
    spans: number
  }
  return health.spans
}

describe('after kill -9', () => {
  it('every acknowledged span is there, round after round', async () => {
    const folder = temporaryFolder()
    const acknowledged: string[] = []
    for (let round = 0; round < 3; round++) {
      const child = await startChild(folder)
      const before = acknowledged.length
      let killed: Promise<void> | undefined
      const sends = Array.from({ length: 100 }, async (_, n) => {
        const traceId = traceIdOf(round * 100 + n + 1)
        const { status } = await postTraces(
          child.ports.otlpHttp,
          request('web', span(traceId, spanIdOf(1))),
        )
        if (status !== 200) return
        acknowledged.push(traceId)
        // In the middle: some requests are answered, some are being written, some are on their way.
        if (acknowledged.length === before + 30) killed = child.kill()
      })
      await Promise.allSettled(sends)
      await killed
      expect(acknowledged.length).toBeGreaterThanOrEqual(before + 30)
    }

    const { ports } = await startChild(folder)
    const found = await Promise.all(
      acknowledged.map(async (traceId) => {
        const url = `http://127.0.0.1:${ports.query}/api/v3/traces/${traceId}`
        return (await fetch(url)).status
      }),
    )
    expect(new Set(found)).toEqual(new Set([200]))
    expect(acknowledged.length).toBeGreaterThanOrEqual(90)
  })
})

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
