import { expect, it, onTestFinished } from 'vitest'
import { recordLog } from '../exporters/otlp-target.test-support.ts'
import {
  postTraces,
  request,
  span,
  spanIdOf,
  startTestCollector,
  temporaryFolder,
  traceIdOf,
} from '../testing.ts'
import { MemoryLimiter, OutOfMemoryError } from './memory-limiter.ts'

const outcome = { acceptedSpans: 1, rejectedSpans: 0, message: '' }
const consumed = { receiver: 'otlp-grpc' as const, payload: new Uint8Array() }
/** Long enough to be looked at by hand alone. */
const limits = { checkIntervalMs: 600_000, softBytes: 80, hardBytes: 100 }

/** A limiter of a process that uses `used` bytes, of which `garbage` can be freed. */
function limiterOf(memory: { used: number; garbage: number; collections: number }) {
  const limiter = new MemoryLimiter(
    limits,
    { consumeTraces: async () => outcome },
    {
      used: () => memory.used + memory.garbage,
      collect: () => {
        memory.garbage = 0
        memory.collections++
      },
    },
  )
  onTestFinished(() => limiter.close())
  return limiter
}

it('refuses past its limit, takes again below it, and says each once', async () => {
  const lines = recordLog()
  const memory = { used: 10, garbage: 0, collections: 0 }
  const limiter = limiterOf(memory)
  expect(await limiter.consumeTraces(consumed)).toBe(outcome)
  memory.used = 81
  limiter.check()
  limiter.check()
  await expect(limiter.consumeTraces(consumed)).rejects.toThrow(OutOfMemoryError)
  memory.used = 80
  limiter.check()
  expect(await limiter.consumeTraces(consumed)).toBe(outcome)
  expect(lines).toEqual([
    expect.stringMatching(/memory_limiter: .*must wait and retry/),
    expect.stringMatching(/memory_limiter: .*taken again/),
  ])
})

it('frees garbage before it refuses: often past the hard limit, seldom past the soft one', async () => {
  recordLog()
  const memory = { used: 10, garbage: 100, collections: 0 }
  const limiter = limiterOf(memory)
  expect(await limiter.consumeTraces(consumed)).toBe(outcome)
  expect(memory.collections).toBe(1)
  memory.used = 81
  limiter.check()
  expect(memory.collections).toBe(1)
  memory.used = 101
  limiter.check()
  limiter.check()
  expect(memory.collections).toBe(3)
})

it('answers senders of a collector over its limit that they may retry, and when', async () => {
  recordLog()
  const one = { checkIntervalMs: 600_000, softBytes: 1, hardBytes: 1 }
  const collector = await startTestCollector(temporaryFolder(), {
    processors: [{ kind: 'memory_limiter', limits: one }],
  })
  const sent = await postTraces(
    collector.ports.otlpHttp,
    request('shop', span(traceIdOf(1), spanIdOf(1))),
  )
  expect(sent.status).toBe(503)
  expect(sent.headers.get('retry-after')).toBe('1')
  expect(await (await collector.query('/healthz')).json()).toMatchObject({ spans: 0 })
})
