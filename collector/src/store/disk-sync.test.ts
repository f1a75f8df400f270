import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { request, span, spanIdOf, temporaryFolder, traceIdOf } from '../testing.ts'
import { DiskSync, readSyncPolicy, type SyncPolicy } from './disk-sync.ts'
import { defaultRetention } from './retention.ts'
import { TraceStore } from './trace-store.ts'

/** Syncs that end when the test says so. */
function controlled(policy: SyncPolicy) {
  const ends: { resolve(): void; reject(error: Error): void }[] = []
  const sync = new DiskSync(
    policy,
    () => new Promise((resolve, reject) => ends.push({ resolve, reject })),
  )
  return { sync, ends }
}

/** Whether a promise is settled once all that is ready has run. */
async function isSettled(promise: Promise<void> | undefined) {
  let settled = false
  const note = () => {
    settled = true
  }
  promise?.then(note, note)
  await new Promise((resolve) => setImmediate(resolve))
  return settled
}

describe('always', () => {
  it('waits for a sync that began after the write; those that wait share one', async () => {
    const { sync, ends } = controlled('always')
    const first = sync.written()
    const second = sync.written()
    const third = sync.written()
    expect(ends).toHaveLength(1)
    ends[0]!.resolve()
    expect(await isSettled(first)).toBe(true)
    expect(await isSettled(second)).toBe(false)
    expect(ends).toHaveLength(2)
    const fourth = sync.written()
    ends[1]!.resolve()
    expect(await isSettled(third)).toBe(true)
    expect(await isSettled(second)).toBe(true)
    expect(await isSettled(fourth)).toBe(false)
    ends[2]!.resolve()
    await fourth
  })

  it('fails those whose sync failed, and goes on', async () => {
    const { sync, ends } = controlled('always')
    const first = sync.written()
    const second = sync.written()
    ends[0]!.reject(new Error('no disk'))
    await expect(first).rejects.toThrow('no disk')
    expect(await isSettled(second)).toBe(false)
    ends[1]!.resolve()
    await second
  })
})

it('interval syncs once for all writes of 50 ms, and nobody waits', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  const { sync, ends } = controlled('interval')
  expect(sync.written()).toBeUndefined()
  expect(sync.written()).toBeUndefined()
  vi.advanceTimersByTime(49)
  expect(ends).toHaveLength(0)
  vi.advanceTimersByTime(1)
  expect(ends).toHaveLength(1)
  sync.written()
  expect(sync.stop()).toBe(true)
  vi.advanceTimersByTime(1_000)
  expect(ends).toHaveLength(1)
})

it('none never syncs', () => {
  const { sync, ends } = controlled('none')
  expect(sync.written()).toBeUndefined()
  expect(sync.stop()).toBe(false)
  expect(ends).toHaveLength(0)
})

it.each(['none', 'interval', 'always'] as const)(
  'a store that syncs %s keeps what it acknowledged, over full segments and a restart',
  async (fsync) => {
    const folder = temporaryFolder()
    const limits = { bytes: 2_000, age: Number.POSITIVE_INFINITY, sealFrom: 0 }
    const store = new TraceStore(folder, defaultRetention, { limits, fsync })
    const add = (n: number) => {
      const payload = request('web', span(traceIdOf(n), spanIdOf(1)))
      return store.consumeTraces({ receiver: 'otlp-grpc', payload })
    }
    for (let n = 1; n <= 60; n += 3) await Promise.all([add(n), add(n + 1), add(n + 2)])
    store.close()
    const again = new TraceStore(folder, defaultRetention, { limits, fsync })
    expect(again.spanCount).toBe(60)
    again.close()
  },
)

it('the variable is one of three words', () => {
  expect(readSyncPolicy({})).toBe('none')
  expect(readSyncPolicy({ PINGTRACE_FSYNC: 'always' })).toBe('always')
  expect(() => readSyncPolicy({ PINGTRACE_FSYNC: 'yes' })).toThrow(
    'PINGTRACE_FSYNC must be none, interval or always, not "yes"',
  )
})
