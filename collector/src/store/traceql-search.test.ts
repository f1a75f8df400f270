import { type OtlpSpan, readSpans, type TraceSummary, type TracesData } from '@pingtrace/otlp'
import { compileQuery, findSpans } from '@pingtrace/traceql'
import { describe, expect, it, onTestFinished } from 'vitest'
import { transcodeTraces } from '../otlp/json-to-protobuf.ts'
import { TracesScan } from '../otlp/scan.ts'
import { request, span, spanIdOf, temporaryFolder, traceIdOf } from '../testing.ts'
import { ResentSpans } from './resent-spans.ts'
import { defaultRetention } from './retention.ts'
import { TraceIndex } from './trace-index.ts'
import { TraceStore } from './trace-store.ts'
import { TraceqlSearcher, traceqlLimits } from './traceql-search.ts'

const second = 1_000_000_000n
const time = (nanoseconds: bigint) => String(1_700_000_000n * second + nanoseconds)

/** Numbers that are the same in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const random = randomNumbers(20_260_101)
const oneOf = <T>(list: readonly T[]) => list[random(list.length)]!
const services = ['web', 'api', 'worker', '']
const names = ['GET /', 'query', 'render']
/** Longer than the index keeps them. */
const longNames = ['x'.repeat(1_100), `${'x'.repeat(1_100)}!`]

/** A trace of one to eight spans, some of them late, twice, or without their parents. */
function mixedTrace(n: number): { service: string; span: OtlpSpan }[] {
  return Array.from({ length: 1 + random(8) }, (_, i) => {
    const start = BigInt(n) * second + BigInt(random(1_000))
    const parent = i === 0 ? 0 : 1 + random(i + (random(20) === 0 ? 5 : 0))
    const text = (key: string, value: string) => ({ key, value: { stringValue: value } })
    const attributes = [
      text('http.route', oneOf(['/users', '/orders', 'AAE='])),
      { key: 'http.status_code', value: { intValue: oneOf(['200', '404', '500']) } },
      ...(random(50) === 0 ? [text('rare', `value ${n}`)] : []),
      ...(random(50) === 0 ? [{ key: 'bytes', value: { bytesValue: 'AAE=' } }] : []),
      ...(random(30) === 0
        ? [
            {
              key: 'list',
              value: { arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] } },
            },
          ]
        : []),
    ]
    return {
      service: oneOf(services),
      span: span(traceIdOf(n), spanIdOf(1 + (random(30) === 0 ? 0 : i)), {
        ...(parent === 0 ? {} : { parentSpanId: spanIdOf(parent) }),
        name: oneOf(random(50) === 0 ? longNames : names),
        kind: random(6),
        startTimeUnixNano: time(start),
        endTimeUnixNano: time(start + BigInt(random(5_000_000))),
        status: { code: random(10) === 0 ? 2 : 0, message: random(2) === 0 ? 'boom' : '' },
        attributes: attributes.slice(random(attributes.length)),
        events: random(20) === 0 ? [{ name: 'exception', attributes: [text('type', 'E')] }] : [],
      }),
    }
  })
}

/** Requests of many spans of many traces, as they come from a busy place: mixed, and out of order. */
function mixedRequests(traces: number, batch: number): Uint8Array[] {
  const all = Array.from({ length: traces }, (_, i) => mixedTrace(i + 1)).flat()
  // A span comes up to some places later than those of its trace before it.
  const order = all.map((each, i) => ({ each, at: i + random(200) })).sort((a, b) => a.at - b.at)
  const requests: Uint8Array[] = []
  for (let i = 0; i < order.length; i += batch) {
    const data: TracesData = {
      resourceSpans: order.slice(i, i + batch).map(({ each }) => ({
        resource: { attributes: [{ key: 'service.name', value: { stringValue: each.service } }] },
        scopeSpans: [{ scope: { name: 'lib' }, spans: [each.span] }],
      })),
    }
    requests.push(transcodeTraces(Buffer.from(JSON.stringify(data))))
  }
  return requests
}

const queries = [
  '{}',
  '{ false }',
  '{ status = error }',
  '{ name = "query" && resource.service.name = "api" }',
  '{ resource.service.name = "unknown_service" }',
  `{ name = "${'x'.repeat(1_100)}!" }`,
  '{ duration > 4ms && kind = server }',
  '{ trace:duration > 4ms } | count() > 5',
  '{ trace:rootName = "GET /" && trace:rootService = "web" }',
  '{ span.rare =~ "value 1.*" }',
  '{ .http.route = "/users" && .http.status_code >= 500 && status = error }',
  '{ .http.route = "AAE=" && span.bytes = "AAE=" }',
  '{ span.rare = nil && span.list = "a" }',
  '{ event:name = "exception" && event.type = "E" }',
  '{ statusMessage = "boom" && kind = client } || { span.rare != nil }',
  '{ name = "GET /" } >> { status = error }',
  '{ resource.service.name = "web" } > { span.http.status_code = 500 }',
  '{ status = error } !< { status = error }',
  '{ span:childCount > 2 } &>> { kind = producer }',
  '{ status = error } && { name = "render" } | count() > 3',
  '{ kind = server } | max(span.http.status_code) < 500',
  'sum(duration) > 20ms | { !(status = error) }',
  `{ trace:id = "${traceIdOf(77).replace(/^0+/, '')}" }`,
]

async function openStore(requests: readonly Uint8Array[], bytes = defaultRetention.bytes) {
  const store = new TraceStore(temporaryFolder(), { ...defaultRetention, bytes })
  onTestFinished(() => store.close())
  for (const payload of requests)
    await store.consumeTraces({ receiver: 'otlp-http-protobuf', payload })
  return store
}

/** Every trace, read whole. */
function readAll(store: TraceStore) {
  return store.recentTraces(100_000).map((summary) => ({
    summary,
    spans: readSpans(store.readTrace(summary.traceId).content),
  }))
}

/** Every trace evaluated; as text, because comparing thousands of objects takes its time. */
function bruteForce(traces: ReturnType<typeof readAll>, query: string): string[] {
  const matcher = compileQuery(query)
  return traces.flatMap(({ summary, spans }) => {
    const matched = findSpans(matcher, spans).map(({ spanId }) => spanId)
    return matched.length === 0 ? [] : [asText(summary, matched)]
  })
}

function asText(summary: TraceSummary, matched: string[]): string {
  return JSON.stringify([summary, matched.toSorted()])
}

const idsOf = (texts: string[]): string[] => texts.map((text) => JSON.parse(text)[0].traceId)

/** What a search answers, in the same form. */
async function searched(store: TraceStore, query: string) {
  const { traces, examined, partial } = await search(store, query)
  const found = traces.map(({ matchedSpanIds, matchedCount, ...summary }) => {
    expect(matchedCount).toBe(matchedSpanIds.length)
    return asText(summary, matchedSpanIds)
  })
  return { found, examined, partial }
}

const search = (store: TraceStore, query: string, limit = 100_000) =>
  store.searchTraces({ matcher: compileQuery(query), start: undefined, end: undefined, limit })

// Seconds of pure computing, which a busy machine makes many of.
describe('a search over thousands of mixed traces', { timeout: 60_000 }, () => {
  it('finds what reading and evaluating every trace finds, in the order of arrival', async () => {
    const store = await openStore(mixedRequests(2_000, 64))
    const all = readAll(store)
    let matches = 0
    for (const query of queries) {
      const { found, ...rest } = await searched(store, query)
      expect(found, query).toEqual(bruteForce(all, query))
      expect(rest).toEqual({ examined: 2_000, partial: undefined })
      matches += found.length > 0 ? 1 : 0
    }
    // All but { false } find something, else they would prove nothing.
    expect(matches).toBe(queries.length - 1)
  })

  it('over many segments, of which the oldest are gone', async () => {
    const store = await openStore(mixedRequests(1_000, 16), 500_000)
    expect(store.droppedSegments).toBeGreaterThan(0)
    const all = readAll(store)
    for (const query of queries) {
      expect((await searched(store, query)).found, query).toEqual(bruteForce(all, query))
    }
  })

  it('meets each trace once while others arrive and segments go', async () => {
    const requests = mixedRequests(1_500, 32)
    const half = Math.floor(requests.length / 2)
    const store = await openStore(requests.slice(0, half), 500_000)
    const query = '{ .http.route = "/users" } | count() > 1'
    const before = new Set(idsOf(bruteForce(readAll(store), query)))
    const searching = search(store, query)
    for (const payload of requests.slice(half)) {
      await store.consumeTraces({ receiver: 'otlp-http-protobuf', payload })
    }
    const found = (await searching).traces.map(({ traceId }) => traceId)
    expect(new Set(found).size).toBe(found.length)
    const after = new Set(idsOf(bruteForce(readAll(store), query)))
    // What fitted all the while is found; what is found fitted before or after.
    expect([...before].filter((id) => after.has(id) && !found.includes(id))).toEqual([])
    expect(found.filter((id) => !before.has(id) && !after.has(id))).toEqual([])
  })
})

describe('a search', () => {
  const read: number[] = []

  /** An index of one record a span, and what a search says of it. */
  async function searchIndex(
    spans: OtlpSpan[],
    query: string,
    limits: Partial<typeof traceqlLimits> = {},
    more: { limit?: number; start?: bigint; end?: bigint; isStopped?: () => boolean } = {},
  ) {
    const payloads: Uint8Array[] = []
    const index = new TraceIndex(new ResentSpans((record) => payloads[record]))
    for (const each of spans) {
      const scan = new TracesScan()
      const payload = request('web', each)
      scan.scan(payload)
      index.add(1, payloads.push(payload) - 1, payload, scan)
    }
    read.length = 0
    const readPayload = (record: number) => {
      read.push(record)
      return payloads[record]
    }
    const { limit = 100, start, end, isStopped } = more
    const asked = { matcher: compileQuery(query), limit, start, end }
    const all = { ...traceqlLimits, ...limits }
    const findings = await new TraceqlSearcher(index, readPayload, asked, isStopped, all).run()
    const found = findings.found.map(({ id }) => Number(`0x${id.toString('hex')}`))
    return { ...findings, found }
  }

  const x = { attributes: [{ key: 'x', value: { stringValue: 'wanted' } }] }
  const traces = (count: number, fields: OtlpSpan = {}) =>
    Array.from({ length: count }, (_, i) => span(traceIdOf(i + 1), spanIdOf(1), fields))

  it('reads nothing that the index can tell', async () => {
    const query =
      '{ name = "work" && kind = internal && resource.service.name = "web" && duration = 1ms } ' +
      '&& { status = unset && trace:rootName = "work" && span:childCount = 0 } | count() = 1'
    expect((await searchIndex(traces(3), query)).found).toEqual([3, 2, 1])
    expect(read).toEqual([])
    expect(
      (await searchIndex(traces(3, x), '{ kind = server && span.x = "wanted" }')).found,
    ).toEqual([])
    expect(
      (await searchIndex(traces(3, x), '{ span.x = "wanted" } > { kind = server }')).found,
    ).toEqual([])
    expect((await searchIndex(traces(3, x), '{ span.x = "wanted" } | count() > 1')).found).toEqual(
      [],
    )
    expect(read).toEqual([])
  })

  it('takes a record that is gone for no match', async () => {
    const { found } = await searchIndex([...traces(2, x)], '{ span.x = "wanted" }')
    expect(found).toEqual([2, 1])
    const payloads = [request('web', span(traceIdOf(1), spanIdOf(1), x))]
    const index = new TraceIndex(new ResentSpans(() => undefined))
    const scan = new TracesScan()
    scan.scan(payloads[0]!)
    index.add(1, 0, payloads[0]!, scan)
    const asked = {
      matcher: compileQuery('{ .x != nil }'),
      limit: 1,
      start: undefined,
      end: undefined,
    }
    expect(await new TraceqlSearcher(index, () => undefined, asked).run()).toEqual({
      found: [],
      examined: 1,
      partial: undefined,
    })
  })

  it('says why it stopped, with what it found until then', async () => {
    const many = traces(2_000, x)
    const query = '{ span.x = "wanted" }'
    expect(await searchIndex(many, query, {}, { limit: 3 })).toMatchObject({
      found: [2_000, 1_999, 1_998],
      examined: 3,
      partial: 'limit',
    })
    expect(await searchIndex(many, '{ false }', { traces: 5 })).toMatchObject({
      found: [],
      examined: 5,
      partial: 'traces',
    })
    const size = request('web', many[0]!).length
    const read = await searchIndex(
      many,
      query,
      { turn: -1, readBytes: 10 * size },
      { limit: 5_000 },
    )
    expect(read.partial).toBe('bytes')
    expect(read.found.length).toBeLessThan(20)
    expect((await searchIndex(many, query, { turn: -1, time: -1 })).partial).toBe('time')
    const isStopped = () => true
    expect((await searchIndex(many, query, { turn: -1 }, { isStopped })).partial).toBe('stopped')
  })

  it('finds traces that were going on in a range of time', async () => {
    const at = (n: number, start: bigint, end: bigint) =>
      span(traceIdOf(n), spanIdOf(1), {
        startTimeUnixNano: time(start),
        endTimeUnixNano: time(end),
      })
    const spans = [at(1, 0n, 10n), at(2, 10n, 20n), at(3, 21n, 30n)]
    const range = async (start?: bigint, end?: bigint) => {
      const base = 1_700_000_000n * second
      const more = {
        ...(start === undefined ? {} : { start: base + start }),
        ...(end === undefined ? {} : { end: base + end }),
      }
      return (await searchIndex(spans, '{}', {}, more)).found
    }
    expect(await range(10n, 20n)).toEqual([2, 1])
    expect(await range(11n)).toEqual([3, 2])
    expect(await range(undefined, 9n)).toEqual([1])
    expect(await range(31n)).toEqual([])
  })

  it('names the first hundred of the spans that matched, and counts them all', async () => {
    const spans = Array.from({ length: 150 }, (_, i) => span(traceIdOf(1), spanIdOf(i + 1)))
    const store = await openStore([request('web', ...spans)])
    const [trace] = (await search(store, '{}')).traces
    expect(trace?.matchedCount).toBe(150)
    expect(trace?.matchedSpanIds).toEqual(spans.slice(0, 100).map(({ spanId }) => spanId))
  })
})
