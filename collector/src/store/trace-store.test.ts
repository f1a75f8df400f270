import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type OtlpSpan, readSpans, type TracesData } from '@pingtrace/otlp'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { transcodeTraces } from '../otlp/json-to-protobuf.ts'
import { request, span, spanIdOf, temporaryFolder, traceIdOf, tracesData } from '../testing.ts'
import { TraceStore } from './trace-store.ts'

function open(folder = temporaryFolder()) {
  const store = new TraceStore(folder)
  onTestFinished(() => store.close())
  const add = (payload: Uint8Array) => store.consumeTraces({ receiver: 'otlp-grpc', payload })
  return { store, folder, add }
}

const trace1 = traceIdOf(1)
const trace2 = traceIdOf(2)
const names = (store: TraceStore, traceId: string, after = 0) =>
  readSpans(store.readTrace(traceId, after).content).map(({ name }) => name)

describe('a trace', () => {
  it('is read whole, grouped by resource and scope, whatever requests it came in', async () => {
    const { store, add } = open()
    const child = { parentSpanId: spanIdOf(1) }
    await add(request('web', span(trace1, spanIdOf(1))))
    await add(request('api', span(trace1, spanIdOf(2), child), span(trace2, spanIdOf(1))))
    await add(request('web', span(trace1, spanIdOf(3), child)))

    const { resourceSpans } = store.readTrace(trace1).content
    expect(resourceSpans).toHaveLength(2)
    const spans = readSpans({ resourceSpans: resourceSpans! })
    expect(spans.map(({ service, spanId }) => [service, spanId])).toEqual([
      ['web', spanIdOf(1)],
      ['web', spanIdOf(3)],
      ['api', spanIdOf(2)],
    ])
    expect(store.readTrace(traceIdOf(3)).content).toEqual({ resourceSpans: [] })
  })

  it.each([1, 7, 8, 9, 10, 40])(
    'of %i spans takes each once, however often it comes, and other versions of it beside it',
    async (count) => {
      const { store, add, folder } = open()
      const spans = Array.from({ length: count }, (_, i) => span(trace1, spanIdOf(i + 1)))
      const version = span(trace1, spanIdOf(1), { name: 'another' })
      const everything = [...spans, version]
      for (const each of everything) await add(request('web', each))
      for (const each of everything) await add(request('web', each))
      await add(request('web', ...everything, ...everything))
      expect(store.spanCount).toBe(count + 1)
      expect(names(store, trace1)).toEqual([...spans.map(() => 'work'), 'another'])
      store.close()
      const again = open(folder)
      await again.add(request('web', ...everything))
      expect(again.store.spanCount).toBe(count + 1)
    },
  )

  it('keeps scopes and schema URLs apart', async () => {
    const { store, add } = open()
    const data = {
      resourceSpans: ['', 'https://example.test/1'].map((schemaUrl, i) => ({
        schemaUrl,
        scopeSpans: ['1.0', '2.0'].map((version, j) => ({
          scope: { name: 'lib', version },
          schemaUrl,
          spans: [span(trace1, spanIdOf(2 * i + j + 1))],
        })),
      })),
    }
    await add(transcodeTraces(Buffer.from(JSON.stringify(data))))
    const { resourceSpans } = store.readTrace(trace1).content
    expect(resourceSpans?.map(({ schemaUrl }) => schemaUrl)).toEqual([
      undefined,
      'https://example.test/1',
    ])
    for (const { scopeSpans } of resourceSpans!) {
      expect(scopeSpans?.map(({ scope }) => scope?.version)).toEqual(['1.0', '2.0'])
    }
  })

  it('is summed up: title, services, counts, times, arrival', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const { store, add } = open()
    const child = span(trace1, spanIdOf(2), {
      name: 'child',
      parentSpanId: spanIdOf(1),
      startTimeUnixNano: '1700000000000000002',
      endTimeUnixNano: '1700000000000000009',
      status: { code: 2 },
    })
    await add(request('api', child))
    const early = {
      traceId: trace1,
      name: 'child',
      service: 'api',
      hasRoot: false,
      services: ['api'],
      spanCount: 1,
      errorCount: 1,
      startTimeUnixNano: '1700000000000000002',
      durationNano: '7',
      arrivedAt: 1_800_000_000_000,
    }
    expect(store.recentTraces(10)).toEqual([early])

    vi.setSystemTime(1_800_000_000_123)
    const times = {
      startTimeUnixNano: '1700000000000000001',
      endTimeUnixNano: '1700000000000000004',
    }
    await add(request('web', span(trace1, spanIdOf(1), { name: 'root', ...times })))
    expect(store.recentTraces(10)).toEqual([
      {
        ...early,
        name: 'root',
        service: 'web',
        hasRoot: true,
        services: ['api', 'web'],
        spanCount: 2,
        startTimeUnixNano: '1700000000000000001',
        durationNano: '8',
        arrivedAt: 1_800_000_000_123,
      },
    ])
  })

  it('takes times that were left out for unknown, and a service without a name as well', async () => {
    const { store, add } = open()
    const unknown = { startTimeUnixNano: 0, endTimeUnixNano: 0 }
    const data = {
      resourceSpans: [
        {
          scopeSpans: [{ spans: [span(trace1, spanIdOf(1), unknown), span(trace1, spanIdOf(2))] }],
        },
      ],
    }
    await add(transcodeTraces(Buffer.from(JSON.stringify(data))))
    expect(store.recentTraces(1)).toMatchObject([
      {
        startTimeUnixNano: '1700000000000000000',
        durationNano: '1000000',
        services: ['unknown_service'],
      },
    ])
  })
})

describe('lists', () => {
  it('have the traces that changed last in front', async () => {
    const { store, add } = open()
    for (const n of [1, 2, 3]) await add(request('web', span(traceIdOf(n), spanIdOf(1))))
    await add(request('web', span(traceIdOf(2), spanIdOf(2))))
    const ids = (limit: number) => store.recentTraces(limit).map(({ traceId }) => traceId)
    expect(ids(10)).toEqual([2, 3, 1].map(traceIdOf))
    expect(ids(1)).toEqual([traceIdOf(2)])
  })

  it('name services and their operations', async () => {
    const { store, add } = open()
    const spans = ['b', 'a', 'a'].map((name, i) => span(trace1, spanIdOf(i + 1), { name }))
    await add(request('web', ...spans, span(trace1, spanIdOf(9), { name: 'a', kind: 3 })))
    await add(request('api', span(trace1, spanIdOf(10), { name: 'c' })))
    expect(store.services()).toEqual(['api', 'web'])
    expect(store.operations('web')).toEqual([
      { name: 'a', kind: 1 },
      { name: 'a', kind: 3 },
      { name: 'b', kind: 1 },
    ])
    expect(store.operations('nobody')).toEqual([])
  })

  it('hold many names and traces', async () => {
    const { store, add } = open()
    const count = 20_000
    const spans = Array.from({ length: count }, (_, i) =>
      span(traceIdOf(i + 1), spanIdOf(i + 1), { name: `operation ${i}` }),
    )
    await add(request('web', ...spans))
    expect(store.traceCount).toBe(count)
    expect(store.operations('web')).toHaveLength(count)
    expect(names(store, traceIdOf(12_345))).toEqual(['operation 12344'])
  })
})

describe('spans without valid ids', () => {
  it('are rejected, and the others of the request kept', async () => {
    const { store, add } = open()
    const odd: OtlpSpan[] = [
      { spanId: spanIdOf(1) },
      { traceId: trace1 },
      span(traceIdOf(0), spanIdOf(1)),
      span(trace1, spanIdOf(0)),
    ]
    expect(await add(request('web', ...odd, span(trace1, spanIdOf(1))))).toEqual({
      acceptedSpans: 1,
      rejectedSpans: 4,
      message: 'spans need a valid trace id and span id',
    })
    expect(store.spanCount).toBe(1)
  })

  it('take no room when there is nothing else', async () => {
    const { store, add } = open()
    expect(await add(request('web', {}))).toMatchObject({ acceptedSpans: 0, rejectedSpans: 1 })
    expect(await add(new Uint8Array())).toMatchObject({ acceptedSpans: 0, rejectedSpans: 0 })
    expect(store.end).toBe(0)
  })
})

describe('spans with the same ids', () => {
  const original = request('web', span(trace1, spanIdOf(1)), span(trace1, spanIdOf(2)))

  it('are one when their bytes are the same, within a request, between two, after a restart', async () => {
    const { store, folder, add } = open()
    await Promise.all([add(original), add(original)])
    await add(Buffer.concat([original, original]))
    expect(store.spanCount).toBe(2)
    expect(store.recentTraces(1)).toMatchObject([{ spanCount: 2 }])
    expect(names(store, trace1)).toHaveLength(2)
    const { next } = store.changedTraces(0, 10)
    await add(original)
    expect(store.changedTraces(next, 10).content).toEqual([])
    store.close()

    const again = open(folder)
    expect(again.store.spanCount).toBe(2)
    await again.add(original)
    expect(again.store.spanCount).toBe(2)
  })

  it('are two when anything differs: the span, its resource, its scope, a schema URL', async () => {
    const { store, folder, add } = open()
    const spans = [span(trace1, spanIdOf(1))]
    const versions = [
      { scopeSpans: [{ spans }] },
      { scopeSpans: [{ spans: [span(trace1, spanIdOf(1), { name: 'other' })] }] },
      { scopeSpans: [{ spans }], resource: { droppedAttributesCount: 1 } },
      { scopeSpans: [{ spans, scope: { name: 'lib' } }] },
      { scopeSpans: [{ spans }], schemaUrl: 'https://example.test' },
      { scopeSpans: [{ spans, schemaUrl: 'https://example.test' }] },
    ].map((group) => transcodeTraces(Buffer.from(JSON.stringify({ resourceSpans: [group] }))))
    for (const version of [...versions, ...versions]) await add(version)
    expect(store.spanCount).toBe(versions.length)
    expect(readSpans(store.readTrace(trace1).content)).toHaveLength(versions.length)
    store.close()
    expect(open(folder).store.spanCount).toBe(versions.length)
  })

  it('in different traces have nothing to do with each other', async () => {
    const { store, add } = open()
    await add(request('web', span(trace1, spanIdOf(1)), span(trace2, spanIdOf(1))))
    expect(store.spanCount).toBe(2)
    expect(store.traceCount).toBe(2)
  })
})

describe('a restart', () => {
  it('changes no answer', async () => {
    const { store, folder, add } = open()
    await add(request('web', span(trace1, spanIdOf(1)), span(trace2, spanIdOf(1))))
    await add(request('api', span(trace1, spanIdOf(2), { status: { code: 2 } })))
    const answers = (s: TraceStore) => ({
      recent: s.recentTraces(10),
      traces: [trace1, trace2].map((id) => s.readTrace(id)),
      services: s.services(),
      position: s.positionOf(s.end),
    })
    const before = answers(store)
    store.close()
    expect(answers(open(folder).store)).toEqual(before)
  })

  it('finds what damage left, and says in one line what it did not', async () => {
    const { store, folder, add } = open()
    for (const n of [1, 2, 3]) await add(request('web', span(traceIdOf(n), spanIdOf(1))))
    store.close()
    const file = join(folder, readdirSync(folder)[0]!)
    const bytes = readFileSync(file)
    bytes[Math.floor(bytes.length / 2)]! ^= 1
    writeFileSync(file, bytes.subarray(0, bytes.length - 1))

    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    onTestFinished(() => warn.mockRestore())
    const again = open(folder)
    expect(again.store.recentTraces(10).map(({ traceId }) => traceId)).toEqual([traceIdOf(1)])
    expect(warn).toHaveBeenCalledOnce()
    // Nothing whole follows the damage here, so both count as the unfinished end.
    expect(warn.mock.calls[0]![0]).toMatch(/cut \d+ bytes/)
  })

  it('finds what is around a flipped byte, and counts what is not', async () => {
    const { store, folder, add } = open()
    for (const n of [1, 2, 3]) await add(request('web', span(traceIdOf(n), spanIdOf(1))))
    expect(store.damagedBytes).toBe(0)
    store.close()
    const file = join(folder, readdirSync(folder)[0]!)
    const bytes = readFileSync(file)
    bytes[Math.floor(bytes.length / 2)]! ^= 1
    writeFileSync(file, bytes)

    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    onTestFinished(() => warn.mockRestore())
    const again = open(folder).store
    expect(again.recentTraces(10).map(({ traceId }) => traceId)).toEqual([3, 1].map(traceIdOf))
    expect(again.damagedBytes).toBe(bytes.length / 3)
    expect(warn.mock.calls).toEqual([
      [expect.stringContaining(`${bytes.length / 3} damaged bytes`)],
    ])
  })
})

describe('reading', () => {
  it('of a long trace is in order of arrival, whole, from a cursor and in parts', async () => {
    const { store, add } = open()
    const ids = Array.from({ length: 10_000 }, (_, n) => spanIdOf(n + 1))
    for (let n = 0; n < ids.length; n += 100) {
      await add(request('web', ...ids.slice(n, n + 100).map((id) => span(trace1, id))))
    }
    const idsOf = (data: TracesData) => readSpans(data).map(({ spanId }) => spanId)
    expect(idsOf(store.readTrace(trace1).content)).toEqual(ids)
    expect(idsOf(store.readTrace(trace1, 37).content)).toEqual(ids.slice(3_700))
    const parts = [...store.readInParts([traceIdOf(9), trace1], 10_000)].map(idsOf)
    expect(parts.length).toBeGreaterThan(20)
    expect(parts.flat()).toEqual(ids)
    const reader = store.followTrace(trace1)
    const pages: string[] = []
    for (let cursor = 0; cursor < store.end; ) {
      const { content, next } = reader.page(10_000)
      pages.push(...idsOf(content))
      // What arrives meanwhile comes at the end.
      if (cursor === 0) await add(request('web', span(trace1, spanIdOf(20_000))))
      cursor = next
    }
    expect(pages).toEqual([...ids, spanIdOf(20_000)])
  })

  it('goes on from a cursor, page by page, and misses nothing', async () => {
    const { store, add } = open()
    for (let n = 1; n <= 20; n++) {
      await add(request('web', span(trace1, spanIdOf(n), { name: `${n}` })))
      await add(request('web', span(traceIdOf(n + 1), spanIdOf(n))))
    }
    const read: string[] = []
    let cursor = 0
    let pages = 0
    while (cursor < store.end) {
      const page = store.readTrace(trace1, cursor, 150)
      read.push(...readSpans(page.content).map(({ name }) => name))
      expect(page.next).toBeGreaterThan(cursor)
      cursor = page.next
      pages++
    }
    expect(read).toEqual(Array.from({ length: 20 }, (_, i) => `${i + 1}`))
    expect(pages).toBeGreaterThan(3)

    const changed = new Set<string>()
    cursor = 0
    while (cursor < store.end) {
      const { content, next } = store.changedTraces(cursor, 3)
      expect(content.length).toBeLessThanOrEqual(3)
      for (const { traceId } of content) changed.add(traceId)
      cursor = next
    }
    expect(changed.size).toBe(21)
  })

  it('survives files that are gone: what cannot be read is missing, no more', async () => {
    const { store, folder, add } = open()
    await add(request('web', span(trace1, spanIdOf(1))))
    await add(request('web', span(trace1, spanIdOf(2))))
    const file = join(folder, readdirSync(folder)[0]!)
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.subarray(0, bytes.length - 1))
    expect(names(store, trace1)).toHaveLength(1)
    rmSync(file)
    expect(store.recentTraces(1)).toMatchObject([{ spanCount: 2 }])
  })

  it('tells subscribers after the spans can be read, until they leave', async () => {
    const { store, add } = open()
    const seen: number[] = []
    const unsubscribe = store.subscribe(() => seen.push(store.spanCount))
    await add(request('web', span(trace1, spanIdOf(1))))
    unsubscribe()
    await add(request('web', span(trace1, spanIdOf(2))))
    expect(seen).toEqual([1])
  })

  it('gives back every value as it was sent', async () => {
    const { store, add } = open()
    const sent = span(trace1, spanIdOf(1), {
      attributes: [{ key: 'n', value: { intValue: '9007199254740993' } }],
      events: [{ timeUnixNano: '1700000000000000001', name: 'e' }],
      status: { code: 2, message: 'no' },
    })
    await add(request('web', sent))
    expect(readSpans(store.readTrace(trace1).content)).toEqual(readSpans(tracesData('web', sent)))
  })
})

it('refuses bytes that are no OTLP, for good', async () => {
  const { store, add } = open()
  await expect(add(Buffer.from('hello'))).rejects.toMatchObject({ name: 'MalformedError' })
  expect(store.end).toBe(0)
})

describe('the largest request that is taken', { timeout: 60_000 }, () => {
  /** More than a function may have arguments. */
  const most = 131_072

  it('of as many traces is one page of what changed', async () => {
    const { store, add } = open()
    const spans = Array.from({ length: most }, (_, i) => span(traceIdOf(i + 1), spanIdOf(1)))
    const resourceSpans = [{ scopeSpans: [{ spans }] }]
    await add(transcodeTraces(Buffer.from(JSON.stringify({ resourceSpans }))))
    expect(store.changedTraces(0, 500).content).toHaveLength(most)
  })

  it('of as many resources is found', async () => {
    const { store, add } = open()
    const resourceSpans = Array.from({ length: most }, (_, i) => ({
      resource: { attributes: [{ key: 'n', value: { intValue: i } }] },
      scopeSpans: [{ spans: [span(trace1, spanIdOf(i + 1))] }],
    }))
    await add(transcodeTraces(Buffer.from(JSON.stringify({ resourceSpans }))))
    const found = await store.findTraces({
      service: undefined,
      operation: undefined,
      startMin: 0n,
      startMax: 2n ** 63n,
      durationMin: undefined,
      durationMax: undefined,
      attributes: new Map(),
      limit: 1,
    })
    expect(found).toEqual([trace1])
    expect(store.readTrace(trace1).content.resourceSpans).toHaveLength(most)
  })
})
