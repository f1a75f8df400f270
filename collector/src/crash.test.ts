import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  buildChild,
  type ChildSettings,
  killUnderLoad,
  spawnChild,
  storedSpans,
} from './crash.test-support.ts'
import { hasSmallDisks, smallDisk } from './small-disk.test-support.ts'
import { defaultRetention } from './store/retention.ts'
import { postTraces, request, span, spanIdOf, temporaryFolder, traceIdOf } from './testing.ts'

let script: string

beforeAll(async () => {
  const built = await buildChild()
  script = built.script
  return built.remove
})

async function startChild(dataDir: string, options?: ChildSettings) {
  const child = spawnChild(script, options)
  onTestFinished(() => child.kill())
  return { ...child, ports: await child.start({ dataDir }) }
}

it('after kill -9 every acknowledged span is there, and none twice, twenty times in a row', async () => {
  // The seed is fixed, so that every run dies at the same moments, as far as that can be.
  const killAfter = fc.sample(fc.integer({ min: 0, max: 80 }), 20)
  const { sealedSegments } = await killUnderLoad(script, temporaryFolder(), killAfter)
  expect(sealedSegments).toBeGreaterThan(2)
}, 120_000)

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
    const child = spawnChild(script)
    onTestFinished(() => child.kill())
    const { otlpHttp, query } = await child.start({ dataDir, retention })
    expect(await storedSpans({ query })).toBe(acknowledged * spansInRequest)
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
  it.skipIf(!hasSmallDisks())(
    'is told to senders, costs nothing, holds up no start, and is used again when it has room',
    async () => {
      const { folder, inside } = await smallDisk(4_096)
      const run = (...command: string[]) =>
        expect(spawnSync(inside[0]!, [...inside.slice(1), ...command]).status).toBe(0)
      const ballast = join(folder, 'ballast')
      run('dd', 'if=/dev/zero', `of=${ballast}`, 'bs=1M', 'count=1')
      const dataDir = join(folder, 'segments')
      const payloadOf = (n: number) => {
        const name = randomBytes(30_000).toString('base64')
        return request('web', span(traceIdOf(n), spanIdOf(1), { name }))
      }
      let acknowledged = 0
      const fill = async (port: number) => {
        for (;;) {
          const answer = await postTraces(port, payloadOf(acknowledged + 1))
          if (answer.status !== 200) return answer
          acknowledged++
        }
      }

      const first = await startChild(dataDir, { inside })
      const refused = await fill(first.ports.otlpHttp)
      expect(refused.status).toBe(503)
      expect(refused.headers.get('retry-after')).toBe('1')
      expect(acknowledged).toBeGreaterThan(20)
      expect(await storedSpans(first.ports)).toBe(acknowledged)
      await first.kill()
      expect(first.log()).toMatch(/^collector: cannot store, senders must retry: .*\n$/)

      const second = await startChild(dataDir, { inside })
      expect(await storedSpans(second.ports)).toBe(acknowledged)
      expect((await fill(second.ports.otlpHttp)).status).toBe(503)
      const before = acknowledged
      run('rm', ballast)
      expect((await fill(second.ports.otlpHttp)).status).toBe(503)
      expect(acknowledged).toBeGreaterThan(before + 5)
      await second.kill()
      expect(second.log()).toContain('collector: storing works again')

      const third = await startChild(dataDir, { inside })
      expect(await storedSpans(third.ports)).toBe(acknowledged)
      expect(third.log()).toBe('')
    },
    120_000,
  )

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
