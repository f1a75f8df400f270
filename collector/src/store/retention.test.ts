import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readSpans } from '@pingtrace/otlp'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { request, span, spanIdOf, temporaryFolder, traceIdOf } from '../testing.ts'
import { defaultRetention, type Retention, readRetention } from './retention.ts'
import { TraceStore } from './trace-store.ts'

const day = 24 * 3_600_000
/** Segments of 2,000 bytes. */
const small = { ...defaultRetention, bytes: 16_000 }

function open(retention: Retention = small, folder = temporaryFolder()) {
  const store = new TraceStore(folder, retention)
  onTestFinished(() => store.close())
  const add = (payload: Uint8Array) => store.consumeTraces({ receiver: 'otlp-grpc', payload })
  return { store, folder, add }
}

const sizeOf = (folder: string) =>
  readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
const ids = (store: TraceStore) => store.recentTraces(1_000).map(({ traceId }) => traceId)
const answers = (store: TraceStore) => ({
  recent: store.recentTraces(1_000),
  spans: ids(store).map((id) => readSpans(store.readTrace(id).content).map(({ spanId }) => spanId)),
  services: store.services(),
  operations: store.services().map((service) => store.operations(service)),
  counts: [store.traceCount, store.spanCount],
})

/** Adds one trace after another until retention has dropped a segment. */
async function addUntilDropped({ store, add }: ReturnType<typeof open>, from: number) {
  let n = from
  for (const before = store.droppedSegments; store.droppedSegments === before; n++) {
    await add(request(`service ${n}`, span(traceIdOf(n), spanIdOf(1), { name: `operation ${n}` })))
  }
  return n
}

describe('by bytes', () => {
  it('the oldest segment goes, and the index forgets its spans, services and operations', async () => {
    const opened = open()
    const { store, folder } = opened
    let next = 1
    for (let round = 0; round < 5; round++) {
      next = await addUntilDropped(opened, next)
      expect(sizeOf(folder)).toBeLessThanOrEqual(small.bytes)
    }
    const kept = ids(store)
    const oldest = next - kept.length
    expect(oldest).toBeGreaterThan(1)
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => traceIdOf(next - 1 - i)))
    expect([store.traceCount, store.spanCount]).toEqual([kept.length, kept.length])
    expect(new Set(store.services())).toEqual(
      new Set(kept.map((_, i) => `service ${next - 1 - i}`)),
    )
    expect(store.operations(`service ${oldest}`)).toHaveLength(1)
    expect(store.operations('service 1')).toEqual([])
    expect(store.readTrace(traceIdOf(1)).content).toEqual({ resourceSpans: [] })
    // What is left can be read, and the counts are right after a restart too.
    const before = answers(store)
    expect(before.spans.flat()).toHaveLength(kept.length)
    store.close()
    expect(answers(open(small, folder).store)).toEqual(before)
  })

  it('a trace that straddles loses its old part, and is summed up without it', async () => {
    const opened = open()
    const { store, add } = opened
    const straddler = traceIdOf(0xabc)
    const root = { name: 'root', startTimeUnixNano: '1600000000000000000', status: { code: 2 } }
    await add(request('web', span(straddler, spanIdOf(1), root)))
    let next = 1
    const isIn = (n: number) => readSpans(store.readTrace(straddler).content).length === n
    // The child comes one segment later.
    for (const start = store.positionOf(store.end).split('-')[0]; ; next++) {
      await add(request('other', span(traceIdOf(next), spanIdOf(1))))
      if (store.positionOf(store.end).split('-')[0] !== start) break
    }
    const child = { name: 'child', parentSpanId: spanIdOf(1) }
    await add(request('api', span(straddler, spanIdOf(2), child)))
    expect(store.recentTraces(1)).toMatchObject([
      { name: 'root', hasRoot: true, services: ['web', 'api'], spanCount: 2, errorCount: 1 },
    ])
    expect(store.traceCount).toBe(next + 1)

    await addUntilDropped(opened, next + 1)
    expect(isIn(1)).toBe(true)
    expect(store.recentTraces(1_000).find(({ traceId }) => traceId === straddler)).toEqual({
      traceId: straddler,
      name: 'child',
      service: 'api',
      hasRoot: false,
      services: ['api'],
      spanCount: 1,
      errorCount: 0,
      startTimeUnixNano: '1700000000000000000',
      durationNano: '1000000',
      arrivedAt: expect.any(Number),
    })
    expect(store.traceCount).toBe(new Set(ids(store)).size)
  })

  it('knows spans that were resent when the first of them is segments away', async () => {
    const opened = open()
    const { store, add } = opened
    const versions = ['a', 'b'].map((name) =>
      request('web', span(traceIdOf(0xabc), spanIdOf(1), { name })),
    )
    for (const version of versions) await add(version)
    for (let n = 1; n <= 40; n++) {
      await add(request('web', span(traceIdOf(n), spanIdOf(1))))
      for (const version of versions) await add(version)
    }
    expect(store.droppedSegments).toBe(0)
    expect(store.recentTraces(1_000)).toHaveLength(41)
    expect(store.spanCount).toBe(42)
    await add(request('web', span(traceIdOf(0xabc), spanIdOf(1), { name: 'c' })))
    expect(store.spanCount).toBe(43)
  })

  it('an upgrade of a folder that is too large drops the oldest without reading them', async () => {
    const { store, folder, add } = open({ ...small, bytes: 64_000 })
    for (let n = 1; n <= 300; n++) await add(request('web', span(traceIdOf(n), spanIdOf(1))))
    store.close()
    expect(sizeOf(folder)).toBeGreaterThan(small.bytes)
    const again = open(small, folder).store
    expect(sizeOf(folder)).toBeLessThanOrEqual(small.bytes)
    expect(again.start).toBe(0)
    expect(ids(again)[0]).toBe(traceIdOf(300))
    expect(again.traceCount).toBe(ids(again).length)
  })
})

describe('by age', () => {
  function openAt(now: number) {
    vi.useFakeTimers({ toFake: ['Date', 'performance', 'setInterval', 'clearInterval'], now })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    return open({ ...defaultRetention, age: 8 * day })
  }

  it('spans go when nothing of their segment is young enough, without anything arriving', async () => {
    const { store, folder, add } = openAt(1_700_000_000_000)
    await add(request('web', span(traceIdOf(1), spanIdOf(1))))
    vi.advanceTimersByTime(day / 2)
    await add(request('web', span(traceIdOf(2), spanIdOf(1))))
    // Over a day old by then, so the segment of both is closed; the third goes to the next.
    vi.advanceTimersByTime(day)
    await add(request('web', span(traceIdOf(3), spanIdOf(1))))
    expect(readdirSync(folder)).toHaveLength(2)
    vi.advanceTimersByTime(7 * day - 60_000)
    expect(store.traceCount).toBe(3)
    let told = 0
    store.subscribe(() => told++)
    vi.advanceTimersByTime(120_000)
    expect(ids(store)).toEqual([traceIdOf(3)])
    expect(told).toBe(1)
    vi.advanceTimersByTime(2 * day)
    expect(ids(store)).toEqual([])
    expect(store.services()).toEqual([])
    // The open segment stays, however old.
    expect(readdirSync(folder)).toHaveLength(1)
    await add(request('web', span(traceIdOf(4), spanIdOf(1))))
    expect(ids(store)).toEqual([traceIdOf(4)])
  })

  it('what grew old while nothing ran is gone at the start', async () => {
    const { store, folder, add } = openAt(1_700_000_000_000)
    await add(request('web', span(traceIdOf(1), spanIdOf(1))))
    store.close()
    vi.setSystemTime(1_700_000_000_000 + 9 * day)
    expect(ids(open({ ...defaultRetention, age: 8 * day }, folder).store)).toEqual([])
  })
})

describe('a clock that jumps', () => {
  const start = 1_700_000_000_000
  const year = 365 * day

  function openAtStart() {
    vi.useFakeTimers({
      toFake: ['Date', 'performance', 'setInterval', 'clearInterval'],
      now: start,
    })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    onTestFinished(() => warn.mockRestore())
    return { warn, retention: { ...defaultRetention, age: 8 * day } }
  }

  it('ahead and back again costs nothing, and says what it would have', async () => {
    const { warn, retention } = openAtStart()
    const { store, folder, add } = open(retention)
    await add(request('web', span(traceIdOf(1), spanIdOf(1))))
    // The segment is closed, so that it could go.
    vi.advanceTimersByTime(2 * day)
    await add(request('web', span(traceIdOf(2), spanIdOf(1))))
    expect(warn).not.toHaveBeenCalled()

    vi.setSystemTime(start + 10 * year)
    await add(request('web', span(traceIdOf(3), spanIdOf(1))))
    vi.advanceTimersByTime(120_000)
    await add(request('web', span(traceIdOf(4), spanIdOf(1))))
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/clock leapt ahead by \d+ h/)]])
    vi.setSystemTime(start + 2 * day + 240_000)
    await add(request('web', span(traceIdOf(5), spanIdOf(1))))
    const all = [5, 4, 3, 2, 1].map(traceIdOf)
    expect(ids(store)).toEqual(all)
    store.close()
    expect(ids(open(retention, folder).store)).toEqual(all)
  })

  it('ahead for good costs what is old by it, an hour later', async () => {
    const { retention } = openAtStart()
    const { store, add } = open(retention)
    await add(request('web', span(traceIdOf(1), spanIdOf(1))))
    vi.advanceTimersByTime(2 * day)
    await add(request('web', span(traceIdOf(2), spanIdOf(1))))
    vi.setSystemTime(start + 10 * year)
    vi.advanceTimersByTime(3_500_000)
    expect(ids(store)).toHaveLength(2)
    vi.advanceTimersByTime(220_000)
    expect(store.droppedSegments).toBeGreaterThan(0)
    await add(request('web', span(traceIdOf(3), spanIdOf(1))))
    expect(ids(store)).toEqual([traceIdOf(3)])
  })

  it('back keeps the order of arrival, and drops by size all the same', async () => {
    const { retention } = openAtStart()
    const { store, folder, add } = open({ ...retention, bytes: small.bytes })
    for (let n = 1; store.droppedSegments === 0; n++) {
      vi.setSystemTime(start - n * day)
      await add(request('web', span(traceIdOf(n), spanIdOf(1))))
    }
    const kept = ids(store)
    expect(kept).toEqual([...kept].sort().reverse())
    expect(sizeOf(folder)).toBeLessThanOrEqual(small.bytes)
    store.close()
    expect(ids(open({ ...retention, bytes: small.bytes }, folder).store)).toEqual(kept)
  })
})

describe('cursors and positions', () => {
  it('of what is gone are unknown; paging from the rest misses nothing', async () => {
    const opened = open()
    const { store } = opened
    const next = await addUntilDropped(opened, 1)
    const position = store.positionOf(1)
    expect(position).toMatch(/-0$/)
    expect(store.cursorOf(position)).toBe(store.start)
    const next2 = await addUntilDropped(opened, next)
    expect(store.cursorOf(position)).toBeUndefined()

    expect(store.start).toBeGreaterThan(1)
    const seen: string[] = []
    for (let cursor = store.start; cursor < store.end; ) {
      const page = store.changedTraces(cursor, 7)
      seen.push(...page.content.map(({ traceId }) => traceId).reverse())
      expect(page.next).toBeGreaterThan(cursor)
      cursor = page.next
    }
    expect(seen).toEqual(ids(store).reverse())
    expect(seen.at(-1)).toBe(traceIdOf(next2 - 1))
    for (let cursor = store.start; cursor <= store.end; cursor++) {
      expect(store.cursorOf(store.positionOf(cursor))).toBe(cursor)
    }
  })
})

it('whatever came and went, the index says what a new one says of the same files', async () => {
  const spans = fc.array(
    fc.record({
      trace: fc.integer({ min: 1, max: 6 }),
      service: fc.constantFrom('web', 'api', 'db'),
      start: fc.integer({ min: 0, max: 9 }),
      parent: fc.boolean(),
      error: fc.boolean(),
    }),
    { minLength: 60, maxLength: 150 },
  )
  await fc.assert(
    fc.asyncProperty(spans, async (sent) => {
      const { store, folder, add } = open({ ...small, bytes: 4_000 })
      for (const [i, { trace, service, start, parent, error }] of sent.entries()) {
        const fields = {
          name: `operation ${i % 7}`,
          startTimeUnixNano: start,
          status: { code: error ? 2 : 0 },
          ...(parent ? { parentSpanId: spanIdOf(i) } : {}),
        }
        await add(request(service, span(traceIdOf(trace), spanIdOf(i + 1), fields)))
      }
      expect(store.droppedSegments).toBeGreaterThan(0)
      const before = answers(store)
      store.close()
      const again = open({ ...small, bytes: 4_000 }, folder).store
      expect(answers(again)).toEqual(before)
      again.close()
    }),
    // Each run makes some hundred writes to a real folder: a counterexample is not shrunk.
    { numRuns: 8, endOnFailure: true },
  )
})

describe('the variables', () => {
  it('have defaults, and read amounts with units', () => {
    expect(readRetention({})).toEqual({ bytes: 512 * 2 ** 20, age: 7 * day })
    expect(
      readRetention({ PINGTRACE_RETENTION_BYTES: '100000000', PINGTRACE_RETENTION_AGE: '36h' }),
    ).toEqual({ bytes: 100_000_000, age: 1.5 * day })
    expect(
      readRetention({ PINGTRACE_RETENTION_BYTES: '2GiB', PINGTRACE_RETENTION_AGE: '2 d' }),
    ).toEqual({ bytes: 2 ** 31, age: 2 * day })
  })

  it.each(['1', '63MiB', '512MB', '-1GiB', '1.5GiB', 'all', '9999999999GiB', '1constructor'])(
    'refuse %s bytes by name',
    (text) => {
      expect(() => readRetention({ PINGTRACE_RETENTION_BYTES: text })).toThrow(
        /^PINGTRACE_RETENTION_BYTES must be .*at least 64MiB, not "/,
      )
    },
  )

  it.each(['7', '59s', '1w', '0d', '-1d', 'week'])('refuse an age of %s by name', (text) => {
    expect(() => readRetention({ PINGTRACE_RETENTION_AGE: text })).toThrow(
      /^PINGTRACE_RETENTION_AGE must be .*at least 1m, not "/,
    )
  })
})
