import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSpans } from '@pingtrace/otlp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { defaultRetention } from '../store/retention.ts'
import { TraceStore } from '../store/trace-store.ts'
import {
  request,
  span,
  spanIdOf,
  startTestCollector,
  temporaryFolder,
  traceIdOf,
  tracesData,
} from '../testing.ts'
import { exportSpans } from './export-spans.ts'
import { importSpans } from './import-spans.ts'
import { formatOf } from './otlp-file.ts'

const retention = defaultRetention
const limits = { bytes: 2_000, age: Number.POSITIVE_INFINITY, sealFrom: 0 }

/** A folder with sealed segments and one that is not. */
async function fill(count = 60) {
  const folder = temporaryFolder()
  const store = new TraceStore(folder, retention, { limits })
  for (let n = 1; n <= count; n++) {
    const fields = { name: `operation ${n}`, attributes: [{ key: 'n', value: { intValue: '7' } }] }
    const payload = request(`service ${n % 3}`, span(traceIdOf(n), spanIdOf(1), fields))
    await store.consumeTraces({ receiver: 'otlp-grpc', payload })
  }
  await store.settled()
  const expected = answers(store)
  store.close()
  expect(readdirSync(folder).some((name) => name.endsWith('.sealed'))).toBe(count > 20)
  return { folder, expected }
}

function answers(store: TraceStore) {
  const recent = store.recentTraces(1_000).map(({ arrivedAt, ...summary }) => summary)
  return recent.map((summary) => ({
    summary,
    spans: readSpans(store.readTrace(summary.traceId).content),
  }))
}

function openStore(folder: string): TraceStore {
  const store = new TraceStore(folder)
  onTestFinished(() => store.close())
  return store
}

const into = (dataDir: string, path: string, otlpHttpPort = 1, ingestToken?: string) =>
  importSpans({ path, dataDir, retention, otlpHttpPort, ingestToken })

describe.each(['spans.jsonl', 'spans.otlp'])('%s', (name) => {
  it('holds everything: what is imported from it answers as what was exported', async () => {
    const { folder, expected } = await fill()
    const path = join(temporaryFolder(), name)
    expect(exportSpans(folder, path)).toEqual({ requests: 60, damagedBytes: 0 })
    const copy = temporaryFolder()
    expect(await into(copy, path)).toEqual({
      requests: 60,
      spans: 60,
      rejectedSpans: 0,
      by: 'folder',
    })
    const store = openStore(copy)
    expect(answers(store)).toEqual(expected)
    store.close()
    // Once more changes nothing.
    await into(copy, path)
    expect(answers(openStore(copy))).toEqual(expected)
  })

  it('goes through a collector that is using the folder, and comes out of it', async () => {
    const { folder } = await fill()
    const path = join(temporaryFolder(), name)
    exportSpans(folder, path)
    const dataDir = temporaryFolder()
    const collector = await startTestCollector(dataDir)
    const imported = await into(dataDir, path, collector.ports.otlpHttp)
    expect(imported).toMatchObject({ requests: 60, spans: 60, by: 'collector' })
    const health = (await (await collector.query('/healthz')).json()) as { spans: number }
    expect(health.spans).toBe(60)
    const again = join(temporaryFolder(), name)
    expect(exportSpans(dataDir, again)).toEqual({ requests: 60, damagedBytes: 0 })
    expect(readFileSync(again).equals(readFileSync(path))).toBe(true)
  })
})

describe('an export', () => {
  it('is what the official file exporter writes', async () => {
    const { folder } = await fill(1)
    const out = temporaryFolder()
    exportSpans(folder, join(out, 'spans.jsonl'))
    exportSpans(folder, join(out, 'spans.binpb'))
    const lines = readFileSync(join(out, 'spans.jsonl'), 'utf8').split('\n')
    expect(lines).toHaveLength(2)
    expect(JSON.parse(lines[0]!).resourceSpans[0].scopeSpans[0].spans[0].traceId).toBe(traceIdOf(1))
    const bytes = readFileSync(join(out, 'spans.binpb'))
    expect(bytes.readUInt32BE(0)).toBe(bytes.length - 4)
  })

  it('writes over no file, and leaves no half of one', async () => {
    const { folder } = await fill(1)
    const out = temporaryFolder()
    writeFileSync(join(out, 'spans.jsonl'), 'mine')
    expect(() => exportSpans(folder, join(out, 'spans.jsonl'))).toThrow(/is there already/)
    expect(() => exportSpans(folder, join(out, 'spans.txt'))).toThrow(/must end with \.jsonl/)
    expect(() => exportSpans(join(out, 'nowhere'), join(out, 'new.jsonl'))).toThrow(/ENOENT/)
    expect(readdirSync(out)).toEqual(['spans.jsonl'])
  })

  it('leaves out what is damaged, and says how much', async () => {
    const { folder } = await fill()
    const sealed = readdirSync(folder).filter((name) => name.endsWith('.sealed'))
    const file = join(folder, sealed[0]!)
    const bytes = readFileSync(file)
    bytes[60]! ^= 1
    writeFileSync(file, bytes)
    const { requests, damagedBytes } = exportSpans(folder, join(temporaryFolder(), 'spans.otlp'))
    expect(requests).toBeLessThan(60)
    expect(requests).toBeGreaterThan(40)
    expect(damagedBytes).toBeGreaterThan(100)
  })
})

describe('a document that the viewer opens', () => {
  const otlp = tracesData('web', span(traceIdOf(1), spanIdOf(1), { name: 'buy' }))
  const jaeger = {
    data: [
      {
        spans: [
          {
            traceID: traceIdOf(1),
            spanID: spanIdOf(1),
            operationName: 'buy',
            startTime: 1_795_435_200_000_000,
            duration: 1_000,
            processID: 'p1',
          },
        ],
        processes: { p1: { serviceName: 'web' } },
      },
    ],
  }
  it.each<[string, string]>([
    ['OTLP, laid out', JSON.stringify(otlp, null, 2)],
    ['an answer of the query API', JSON.stringify({ result: otlp })],
    ['an answer of a Jaeger', JSON.stringify(jaeger)],
    ['an answer of a Jaeger, laid out', JSON.stringify(jaeger, null, 2)],
  ])('is stored: %s', async (_, content) => {
    const path = join(temporaryFolder(), 'trace.json')
    writeFileSync(path, content)
    const folder = temporaryFolder()
    expect(await into(folder, path)).toMatchObject({ requests: 1, spans: 1, rejectedSpans: 0 })
    const { content: stored } = openStore(folder).readTrace(traceIdOf(1))
    expect(readSpans(stored)).toMatchObject([{ name: 'buy', service: 'web' }])
  })
})

describe('a file that is malformed', () => {
  const line = (n: number) => JSON.stringify(tracesData('web', span(traceIdOf(n), spanIdOf(1))))
  const message = (payload: Uint8Array) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(payload.length)
    return Buffer.concat([length, payload])
  }
  const good = message(request('web', span(traceIdOf(1), spanIdOf(1))))

  it.each<[name: string, content: string | Buffer, reason: RegExp]>([
    ['a.jsonl', `${line(1)}\n\n${line(2)}\nnonsense\n${line(3)}\n`, /a\.jsonl, line 4: /],
    ['a.json', `${line(1)}\n{"resourceSpans": 7}`, /a\.json, line 2: .* at byte 18/],
    ['a.otlp', Buffer.concat([good, message(Buffer.from('hello'))]), /a\.otlp, byte \d+: /],
    ['a.otlp', Buffer.concat([good, good.subarray(0, 9)]), /byte \d+: the file ends in the middle/],
    ['a.otlp', Buffer.concat([good, Buffer.from([0])]), /the file ends in the middle/],
    ['a.otlp', Buffer.from(`${line(1)}\n`), /byte 0: a length of \d+, over 20 MiB/],
    ['b.json', `{\n"resourceSpans": [oops`, /b\.json: Line 2: not JSON/],
    ['c.json', '[1, 2]', /c\.json: .*must be an object/],
    ['d.json', '', /d\.json: The file is empty/],
    ['a.txt', line(1), /must end with/],
  ])(
    'is refused with place and reason, and nothing of it stored: %s',
    async (name, content, reason) => {
      const path = join(temporaryFolder(), name)
      writeFileSync(path, content)
      const dataDir = join(temporaryFolder(), 'segments')
      await expect(into(dataDir, path)).rejects.toThrow(reason)
      expect(existsSync(dataDir)).toBe(false)
    },
  )

  it('has lines as Windows ends them, without being so', async () => {
    const path = join(temporaryFolder(), 'a.jsonl')
    writeFileSync(path, `${line(1)}\r\n\r\n${line(2)}`)
    expect(await into(temporaryFolder(), path)).toMatchObject({ requests: 2, spans: 2 })
  })
})

it('an import says which spans it could not store, and where it stopped', async () => {
  const path = join(temporaryFolder(), 'a.jsonl')
  const bad = JSON.stringify(tracesData('web', { traceId: traceIdOf(1) }))
  writeFileSync(path, `${bad}\n`)
  const dataDir = temporaryFolder()
  expect(await into(dataDir, path)).toMatchObject({ spans: 0, rejectedSpans: 1 })
  const collector = await startTestCollector(dataDir)
  const port = collector.ports.otlpHttp
  expect(await into(dataDir, path, port)).toMatchObject({ spans: 0, rejectedSpans: 1 })
  await expect(into(dataDir, path, 1)).rejects.toThrow(
    /line 1: a collector is using the folder, but not receiving on port 1\. The 0 requests before/,
  )
})

it('an import shows the collector that is running its token', async () => {
  const path = join(temporaryFolder(), 'a.jsonl')
  writeFileSync(path, `${JSON.stringify(tracesData('web', span(traceIdOf(1), spanIdOf(1))))}\n`)
  const dataDir = temporaryFolder()
  const ingestToken = 'a-token-of-senders'
  const { ports } = await startTestCollector(dataDir, {
    exposure: { addresses: [], ingestToken, queryToken: undefined },
  })
  await expect(into(dataDir, path, ports.otlpHttp)).rejects.toThrow('answered with status 401')
  const stored = await into(dataDir, path, ports.otlpHttp, ingestToken)
  expect(stored).toMatchObject({ spans: 1, by: 'collector' })
})

it('knows formats by the ending of a name', () => {
  expect(['a.jsonl', 'a.JSON', 'a.otlp', 'a.binpb'].map(formatOf)).toEqual([
    'json',
    'json',
    'proto',
    'proto',
  ])
})
