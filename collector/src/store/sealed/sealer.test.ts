import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type OtlpSpan, readSpans } from '@pingtrace/otlp'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { request, span, spanIdOf, temporaryFolder, traceIdOf } from '../../testing.ts'
import { defaultRetention } from '../retention.ts'
import type { TraceQuery } from '../trace-query.ts'
import { TraceStore } from '../trace-store.ts'
import { PageCache } from './page-cache.ts'
import { SealedSegment } from './sealed-segment.ts'

/** Segments of a dozen small requests; all that are full are sealed. */
const tiny = { bytes: 2_000, age: Number.POSITIVE_INFINITY, sealFrom: 0 }

function open(folder = temporaryFolder(), limits = tiny) {
  const store = new TraceStore(folder, defaultRetention, { limits })
  onTestFinished(() => store.close())
  const add = (payload: Uint8Array) => store.consumeTraces({ receiver: 'otlp-grpc', payload })
  return { store, folder, add }
}

function silence() {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  onTestFinished(() => warn.mockRestore())
  return warn
}

const everything: TraceQuery = {
  service: undefined,
  operation: undefined,
  startMin: 0n,
  startMax: 2n ** 63n,
  durationMin: undefined,
  durationMax: undefined,
  attributes: new Map(),
  limit: 1_000,
}
const by = (key: string, value: string) => ({ ...everything, attributes: new Map([[key, value]]) })

const namesIn = (folder: string, ending: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort()
const ids = (store: TraceStore) => store.recentTraces(1_000).map(({ traceId }) => traceId)
const spansOf = (store: TraceStore, traceId: string, after = 0) =>
  readSpans(store.readTrace(traceId, after).content).map(({ spanId, name }) => `${spanId} ${name}`)

async function findSpans(store: TraceStore, query: TraceQuery) {
  const parts = [...store.readInParts(await store.findTraces(query), 1_000)]
  return parts.flatMap((part) => readSpans(part))
}

async function answers(store: TraceStore) {
  const cursors = Array.from({ length: store.end - store.start + 1 }, (_, i) => store.start + i)
  return {
    recent: store.recentTraces(1_000),
    spans: ids(store).map((id) => spansOf(store, id)),
    counts: [store.traceCount, store.spanCount],
    services: store.services().map((service) => [service, store.operations(service)]),
    found: await store.describeTraces(everything),
    byService: await store.describeTraces({ ...everything, service: 'service 2', limit: 3 }),
    byText: await findSpans(store, by('n', 'text 7')),
    byNumber: await findSpans(store, by('i', '11')),
    positions: cursors.map((cursor) => store.cursorOf(store.positionOf(cursor))),
    changed: cursors.map((cursor) => store.changedTraces(cursor, 5)),
  }
}

const attributesOf = (n: number): OtlpSpan => ({
  attributes: [
    { key: 'n', value: { stringValue: `text ${n}` } },
    { key: 'i', value: { intValue: String(n % 20) } },
  ],
})

/** Traces of one to three spans; each third one goes on long after it began. */
async function addMany({ add }: Pick<ReturnType<typeof open>, 'add'>, from: number, to: number) {
  for (let n = from; n < to; n++) {
    const fields = { ...attributesOf(n), status: { code: n % 7 === 0 ? 2 : 0 } }
    const trace = traceIdOf(n % 3 === 0 ? Math.ceil(n / 4) : n)
    const child = { parentSpanId: spanIdOf(n), name: `child ${n % 5}` }
    const spans = [span(trace, spanIdOf(n), fields), span(trace, spanIdOf(n + 10_000), child)]
    await add(request(`service ${n % 4}`, ...spans.slice(0, 1 + (n % 2))))
  }
}

describe('a segment that is full', () => {
  it('is sealed, and no answer changes: not by that, and not by a restart', async () => {
    // The same spans in a store that seals nothing.
    const plain = open(temporaryFolder(), { ...tiny, sealFrom: Number.POSITIVE_INFINITY })
    const opened = open()
    // So that positions are the same, too.
    vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    await addMany(plain, 1, 150)
    await addMany(opened, 1, 80)
    await opened.store.settled()
    await addMany(opened, 80, 150)
    await opened.store.settled()
    expect(namesIn(opened.folder, '.sealed').length).toBeGreaterThan(10)
    expect(namesIn(opened.folder, '.segment')).toHaveLength(1)
    const expected = await answers(plain.store)
    expect(expected.byText.length).toBeGreaterThan(0)
    expect(await answers(opened.store)).toEqual(expected)
    opened.store.close()

    const again = open(opened.folder)
    expect(await answers(again.store)).toEqual(expected)
    // And it goes on: traces that are in sealed segments grow.
    await addMany(again, 150, 200)
    await addMany(plain, 150, 200)
    await again.store.settled()
    expect(await answers(again.store)).toEqual(await answers(plain.store))
  })

  it('of an earlier version is sealed at the next start', async () => {
    const { store, folder, add } = open(undefined, { ...tiny, sealFrom: Number.POSITIVE_INFINITY })
    await addMany({ add }, 1, 60)
    const expected = await answers(store)
    store.close()
    expect(namesIn(folder, '.sealed')).toEqual([])
    const again = open(folder)
    expect(await answers(again.store)).toEqual(expected)
    await again.store.settled()
    expect(namesIn(folder, '.sealed').length).toBeGreaterThan(3)
    expect(await answers(again.store)).toEqual(expected)
  })

  it('is a quarter of its size at most, when it is not tiny', async () => {
    const { store, folder, add } = open(undefined, { ...tiny, bytes: 1024 * 1024 })
    const attributes = Object.entries({
      'http.request.method': 'GET',
      'url.scheme': 'https',
      'server.address': 'shop.example.com',
      'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
      'db.system.name': 'postgresql',
      'network.protocol.version': '1.1',
    }).map(([key, stringValue]) => ({ key, value: { stringValue } }))
    let raw = 0
    for (let n = 1; raw < 2 * 1024 * 1024; n++) {
      const spans = Array.from({ length: 50 }, (_, i) =>
        span(traceIdOf(n * 7_919), spanIdOf(n * 104_729 + i), { attributes, name: 'GET /cart' }),
      )
      const payload = request('shop', ...spans)
      await add(payload)
      raw += payload.length
    }
    await store.settled()
    const sealed = namesIn(folder, '.sealed').map((name) => readFileSync(join(folder, name)))
    expect(sealed.length).toBeGreaterThan(0)
    for (const { length } of sealed) expect(length).toBeLessThan(256 * 1024)
  })

  it('still tells spans that were resent from other versions of them', async () => {
    const { store, folder, add } = open()
    const versions = ['a', 'b', 'c'].map((name) =>
      request('web', span(traceIdOf(0xabc), spanIdOf(1), { name })),
    )
    for (const version of versions) await add(version)
    await addMany({ add }, 1, 40)
    await store.settled()
    const count = store.spanCount
    for (const version of versions) await add(version)
    await addMany({ add }, 1, 40)
    expect(store.spanCount).toBe(count)
    store.close()
    const again = open(folder)
    for (const version of versions) await again.add(version)
    expect(again.store.spanCount).toBe(count)
    await again.add(request('web', span(traceIdOf(0xabc), spanIdOf(1), { name: 'd' })))
    expect(again.store.spanCount).toBe(count + 1)
    expect(spansOf(again.store, traceIdOf(0xabc))).toHaveLength(4)
  })
})

describe('a process that ended while it sealed', () => {
  /** A folder whose first segment is there in both forms, and what is stored in it. */
  async function bothForms() {
    const opened = open()
    await addMany(opened, 1, 9)
    const [name] = namesIn(opened.folder, '.segment')
    const kept = join(opened.folder, 'kept')
    copyFileSync(join(opened.folder, name!), kept)
    await addMany(opened, 9, 40)
    await opened.store.settled()
    const expected = await answers(opened.store)
    const sealed = join(opened.folder, name!.replace('.segment', '.sealed'))
    opened.store.close()
    return { folder: opened.folder, expected, kept, sealed, unsealed: join(opened.folder, name!) }
  }

  it('after the sealed form got its name, leaves that', async () => {
    const { folder, expected, kept, sealed, unsealed } = await bothForms()
    renameSync(kept, unsealed)
    const { store } = open(folder)
    expect(await answers(store)).toEqual(expected)
    expect(existsSync(unsealed)).toBe(false)
    expect(readFileSync(sealed).length).toBeGreaterThan(0)
  })

  it('before that, leaves the unsealed form, and something that is removed', async () => {
    const { folder, kept, sealed, unsealed } = await bothForms()
    const bytes = readFileSync(sealed)
    renameSync(kept, unsealed)
    rmSync(sealed)
    writeFileSync(`${sealed}.unfinished`, bytes.subarray(0, bytes.length / 2))
    const { store } = open(folder)
    expect(readdirSync(folder).filter((name) => name.endsWith('.unfinished'))).toEqual([])
    expect(spansOf(store, traceIdOf(1))).toHaveLength(4)
    await store.settled()
  })
})

describe('damage of a sealed segment', () => {
  async function sealedFolder() {
    const opened = open()
    await addMany(opened, 1, 60)
    await opened.store.settled()
    const expected = await answers(opened.store)
    opened.store.close()
    const files = namesIn(opened.folder, '.sealed').map((name) => join(opened.folder, name))
    return { ...opened, expected, files }
  }

  it('anywhere costs what is in one block at most, and never the start', async () => {
    const { folder, files, expected } = await sealedFolder()
    const warn = silence()
    const file = files[2]!
    const whole = readFileSync(file)
    for (let at = 0; at < whole.length; at += 97) {
      const bytes = Buffer.from(whole)
      bytes[at]! ^= 0x10
      rmSync(file.replace('.sealed', '.segment'), { force: true })
      writeFileSync(file, bytes)
      const store = new TraceStore(folder, defaultRetention, { limits: tiny })
      const missing = expected.counts[1]! - ids(store).flatMap((id) => spansOf(store, id)).length
      // A segment is one block here.
      expect(missing, `byte ${at}`).toBeLessThanOrEqual(20)
      expect((await findSpans(store, everything)).length).toBeGreaterThan(60)
      await store.settled()
      store.close()
      warn.mockClear()
    }
  })

  it('apart, names that are too many for the cache are not read anew at each look', async () => {
    const { files } = await sealedFolder()
    const segment = new SealedSegment(files[0]!, 1, 0, new PageCache(100))
    onTestFinished(() => segment.close())
    expect(segment.index.strings).toBe(segment.index.strings)
  })

  it('of the index costs nothing: it is made again, and later segments find their traces', async () => {
    const { folder, files, expected } = await sealedFolder()
    const warn = silence()
    for (const file of [files[0]!, files[3]!]) {
      const bytes = readFileSync(file)
      bytes[bytes.length - 20]! ^= 1
      writeFileSync(file, bytes)
    }
    const { store } = open(folder)
    expect(warn.mock.calls.flat().join('\n')).toMatch(/its index is lost/)
    expect(await answers(store)).toEqual(expected)
    await store.settled()
    expect(await answers(store)).toEqual(expected)
    store.close()
    warn.mockClear()
    expect(await answers(open(folder).store)).toEqual(expected)
    expect(warn).not.toHaveBeenCalled()
  })

  it('of a block is said once, and the spans can be sent again', async () => {
    const { folder, files, expected } = await sealedFolder()
    const warn = silence()
    const bytes = readFileSync(files[1]!)
    bytes[60]! ^= 1
    writeFileSync(files[1]!, bytes)
    const { store, add } = open(folder)
    expect(warn).not.toHaveBeenCalled()
    const readAll = () => new Set(ids(store).flatMap((id) => spansOf(store, id))).size
    expect(readAll()).toBeLessThan(expected.counts[1]!)
    readAll()
    expect(warn).toHaveBeenCalledOnce()
    expect(warn.mock.calls[0]![0]).toMatch(/skipped damage in .*sealed, chunk 0 of \d+ bytes/)
    const [, told] = / of (\d+) bytes/.exec(warn.mock.calls[0]![0])!
    expect(store.damagedBytes).toBe(Number(told))
    await addMany({ add }, 1, 60)
    expect(readAll()).toBe(expected.counts[1]!)
  })
})

it('retention drops sealed segments, and counts them as they are on the disk', async () => {
  const folder = temporaryFolder()
  const retention = { ...defaultRetention, bytes: 60_000 }
  const store = new TraceStore(folder, retention, { limits: tiny })
  onTestFinished(() => store.close())
  const add = (payload: Uint8Array) => store.consumeTraces({ receiver: 'otlp-grpc', payload })
  for (let round = 0; store.droppedSegments < 10; round++) {
    await addMany({ add }, 1 + 10 * round, 11 + 10 * round)
    await store.settled()
  }
  const size = readdirSync(folder).reduce(
    (sum, name) => sum + readFileSync(join(folder, name)).length,
    0,
  )
  expect(size).toBeGreaterThan(50_000)
  expect(store.cursorOf(store.positionOf(store.start))).toBe(store.start)
  const before = await answers(store)
  expect(before.recent.length).toBe(store.traceCount)
  store.close()
  // What was sealed since the last request may be too much by now: tiny segments grow by it.
  const again = new TraceStore(folder, retention, { limits: tiny })
  const { recent } = await answers(again)
  again.close()
  expect(recent.length).toBeGreaterThan(before.recent.length / 2)
  expect(before.recent.slice(0, recent.length)).toEqual(recent)
})
