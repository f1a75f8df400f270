import { type OtlpSpan, readSpans, type TracesData } from '@pingtrace/otlp'
import { beforeEach, describe, expect, it } from 'vitest'
import { transcodeTraces } from '../otlp/json-to-protobuf.ts'
import type { FoundTrace } from '../store/found-trace.ts'
import {
  request,
  span,
  spanIdOf,
  startTestCollector,
  type TestCollector,
  traceIdOf,
} from '../testing.ts'

/** The spans of testing.ts start here, and take a millisecond. */
const time = {
  'query.startTimeMin': '2023-11-14T22:13:20Z',
  'query.startTimeMax': '2023-11-14T22:13:21Z',
}

let collector: TestCollector

beforeEach(async () => {
  collector = await startTestCollector()
})

interface Answer {
  result?: TracesData
  summaries?: FoundTrace[]
  error?: { httpCode: number; message: string }
}

async function get(path: string, parameters: Record<string, string>) {
  const response = await collector.query(`/api/v3/${path}?${new URLSearchParams(parameters)}`)
  return { status: response.status, body: (await response.json()) as Answer }
}

/** The numbers of the traces that are found, newest first. */
async function find(parameters: Record<string, string>): Promise<number[]> {
  const { status, body } = await get('traces', { ...time, ...parameters })
  const spans = status === 404 ? [] : readSpans(body.result!)
  const summaries = await get('trace-summaries', { ...time, ...parameters })
  const found = [...new Set(spans.map(({ traceId }) => Number.parseInt(traceId, 16)))]
  expect(summaries.status).toBe(200)
  expect(summaries.body.summaries?.map(({ traceId }) => Number.parseInt(traceId, 16))).toEqual(
    found,
  )
  return found
}

const at = (nanoseconds: number, duration = 1_000_000): OtlpSpan => ({
  startTimeUnixNano: String(1_700_000_000_000_000_000n + BigInt(nanoseconds)),
  endTimeUnixNano: String(1_700_000_000_000_000_000n + BigInt(nanoseconds + duration)),
})
const send = (service: string, trace: number, id: number, fields: OtlpSpan = {}) =>
  collector.send(request(service, span(traceIdOf(trace), spanIdOf(id), fields)))

describe('finding traces', () => {
  it('gives whole traces, the newest in front, each with its own resources', async () => {
    await send('web', 1, 1)
    await send('api', 1, 2, { parentSpanId: spanIdOf(1) })
    await send('web', 2, 1)
    const { status, body } = await get('traces', { ...time, 'query.serviceName': 'web' })
    expect(status).toBe(200)
    expect(Object.keys(body)).toEqual(['result'])
    const services = body.result!.resourceSpans!.map(
      ({ resource }) => resource?.attributes?.[0]?.value?.stringValue,
    )
    expect(services).toEqual(['web', 'web', 'api'])
    expect(readSpans(body.result!).map(({ traceId, spanId }) => [traceId, spanId])).toEqual([
      [traceIdOf(2), spanIdOf(1)],
      [traceIdOf(1), spanIdOf(1)],
      [traceIdOf(1), spanIdOf(2)],
    ])
  })

  it('by service and operation, which must be of one span', async () => {
    await send('web', 1, 1, { name: 'get' })
    await send('api', 1, 2, { name: 'put' })
    await send('web', 2, 1, { name: 'put' })
    expect(await find({})).toEqual([2, 1])
    expect(await find({ 'query.serviceName': 'web' })).toEqual([2, 1])
    expect(await find({ 'query.serviceName': 'api' })).toEqual([1])
    expect(await find({ 'query.operationName': 'put' })).toEqual([2, 1])
    expect(await find({ 'query.serviceName': 'web', 'query.operationName': 'put' })).toEqual([2])
    expect(await find({ 'query.service_name': 'api', 'query.operation_name': 'get' })).toEqual([])
    expect(await find({ 'query.serviceName': 'nobody' })).toEqual([])
    expect(await find({ 'query.operationName': 'nothing' })).toEqual([])
  })

  it('by start, both ends included, to the nanosecond', async () => {
    await send('web', 1, 1, at(0))
    await send('web', 2, 1, at(1))
    await send('web', 3, 1, at(2))
    const range = (min: string, max: string) => ({
      'query.startTimeMin': min,
      'query.startTimeMax': max,
    })
    const zero = '2023-11-14T22:13:20Z'
    expect(await find(range(zero, '2023-11-14T22:13:20.000000001Z'))).toEqual([2, 1])
    expect(
      await find(range('1900-01-01T00:00:00Z', '2023-11-14T23:13:20.000000001+01:00')),
    ).toEqual([2, 1])
    expect(await find(range('2023-11-14T22:13:20.000000001Z', '2024-01-01T00:00:00Z'))).toEqual([
      3, 2,
    ])
    expect(await find(range('1900-01-01T00:00:00Z', zero))).toEqual([1])
    const older = { 'query.start_time_min': zero, 'query.start_time_max': '2030-01-01T00:00:00Z' }
    expect((await get('traces', older)).status).toBe(200)
  })

  it('by duration, both ends included', async () => {
    await send('web', 1, 1, at(0, 1_000_000_000))
    await send('web', 2, 1, at(0, 1_500_000_000))
    await send('web', 3, 1, at(0, 7_200_000_000_000))
    await send('web', 4, 1, at(5, -5))
    expect(await find({ 'query.durationMin': '1.5s' })).toEqual([3, 2])
    expect(await find({ 'query.durationMax': '1s' })).toEqual([4, 1])
    expect(await find({ 'query.duration_min': '1s', 'query.duration_max': '1h59m' })).toEqual([
      2, 1,
    ])
    expect(await find({ 'query.durationMin': '0' })).toEqual([4, 3, 2, 1])
    expect(await find({ 'query.durationMin': '2h0.000000001s' })).toEqual([])
  })

  it('up to a limit', async () => {
    for (let n = 1; n <= 105; n++) await send('web', n, 1)
    expect(await find({ 'query.searchDepth': '2' })).toEqual([105, 104])
    expect(await find({ 'query.search_depth': '1' })).toEqual([105])
    expect(await find({ 'query.num_traces': '3' })).toHaveLength(3)
    expect(await find({})).toHaveLength(100)
    expect(await find({ 'query.searchDepth': '1000' })).toHaveLength(105)
  })
})

describe('finding by attributes', () => {
  const attribute = (key: string, value: object) => ({ key, value })
  const by = (wanted: Record<string, string>) =>
    find({ 'query.attributes': JSON.stringify(wanted) })

  beforeEach(async () => {
    const group = (trace: number, fields: OtlpSpan, scope = {}) => ({
      resource: { attributes: [attribute('host.name', { stringValue: `host ${trace}` })] },
      scopeSpans: [{ scope, spans: [span(traceIdOf(trace), spanIdOf(1), fields)] }],
    })
    const data = {
      resourceSpans: [
        group(1, {
          kind: 2,
          status: { code: 2 },
          attributes: [
            attribute('http.response.status_code', { intValue: '500' }),
            attribute('big', { intValue: '9223372036854775807' }),
            attribute('ratio', { doubleValue: 0.5 }),
            attribute('flag', { boolValue: true }),
            attribute('list', {
              arrayValue: { values: [{ stringValue: 'a' }, { intValue: '1' }] },
            }),
            attribute('map', {
              kvlistValue: { values: [attribute('b', { boolValue: false }), attribute('a', {})] },
            }),
            attribute('bytes', { bytesValue: 'AAE=' }),
            attribute('empty', {}),
          ],
        }),
        group(
          2,
          {
            kind: 3,
            status: { code: 1 },
            attributes: [attribute('http.response.status_code', { stringValue: '500' })],
            events: [{ name: 'e', attributes: [attribute('in.event', { stringValue: 'x' })] }],
            links: [
              { traceId: traceIdOf(1), attributes: [attribute('in.link', { stringValue: 'x' })] },
            ],
          },
          {
            name: 'lib',
            version: '1.2',
            attributes: [attribute('in.scope', { stringValue: 'x' })],
          },
        ),
        group(3, {
          kind: 0,
          attributes: [attribute('http.response.status_code', { intValue: '5001' })],
        }),
      ],
    }
    await collector.send(transcodeTraces(Buffer.from(JSON.stringify(data))))
  })

  it('takes values as text, whatever their type', async () => {
    expect(await by({ 'http.response.status_code': '500' })).toEqual([2, 1])
    expect(await by({ big: '9223372036854775807' })).toEqual([1])
    expect(await by({ ratio: '0.5', flag: 'true', bytes: 'AAE=', empty: '' })).toEqual([1])
    expect(await by({ list: '["a",1]', map: '{"a":null,"b":false}' })).toEqual([1])
    expect(await by({ flag: 'false' })).toEqual([])
    expect(await by({ status_code: '500' })).toEqual([])
    expect(await by({ absent: '' })).toEqual([])
  })

  it('looks at spans, scopes, resources, events and links, which must be of one span', async () => {
    for (const key of ['in.event', 'in.link', 'in.scope'])
      expect(await by({ [key]: 'x' })).toEqual([2])
    expect(await by({ 'host.name': 'host 3' })).toEqual([3])
    expect(await by({ 'resource.host.name': 'host 3' })).toEqual([3])
    expect(await by({ 'resource.in.event': 'x' })).toEqual([])
    expect(await by({ 'in.event': 'x', 'host.name': 'host 1' })).toEqual([])
  })

  it('has names for fields as well', async () => {
    expect(await by({ error: 'true' })).toEqual([1])
    expect(await by({ error: 'F' })).toEqual([3, 2])
    expect(await by({ error: 'maybe' })).toEqual([])
    expect(await by({ 'span.status': 'ERROR' })).toEqual([1])
    expect(await by({ 'span.status': 'ok' })).toEqual([2])
    expect(await by({ 'span.status': 'unset' })).toEqual([3])
    expect(await by({ 'span.kind': 'server' })).toEqual([1])
    expect(await by({ 'span.kind': 'CLIENT' })).toEqual([2])
    expect(await by({ 'span.kind': 'unspecified' })).toEqual([3])
    expect(await by({ 'scope.name': 'lib', 'scope.version': '1.2' })).toEqual([2])
    expect(await by({ 'scope.version': '1.3' })).toEqual([])
    expect(await by({ error: 'true', 'http.response.status_code': '500' })).toEqual([1])
  })
})

describe('a summary', () => {
  it('counts the spans of the whole trace, also those that the query did not ask for', async () => {
    await send('web', 1, 1, { name: 'root', ...at(1_000, 9_000) })
    await send('api', 1, 2, {
      parentSpanId: spanIdOf(1),
      status: { code: 2 },
      ...at(2_000, 50_000),
    })
    await send('api', 1, 3, { parentSpanId: spanIdOf(9), ...at(3_000, 1_000) })
    await send('web', 2, 1, { parentSpanId: spanIdOf(8), ...at(0, 10) })
    const query = { ...time, 'query.serviceName': 'web' }
    const { status, body } = await get('trace-summaries', query)
    expect(status).toBe(200)
    expect(body).toEqual({
      summaries: [
        {
          traceId: traceIdOf(2),
          minStartTimeUnixNano: '1700000000000000000',
          maxEndTimeUnixNano: '1700000000000000010',
          spanCount: 1,
          errorSpanCount: 0,
          orphanSpanCount: 1,
          services: [{ name: 'web', spanCount: 1, errorSpanCount: 0 }],
        },
        {
          traceId: traceIdOf(1),
          rootServiceName: 'web',
          rootOperationName: 'root',
          minStartTimeUnixNano: '1700000000000001000',
          maxEndTimeUnixNano: '1700000000000052000',
          spanCount: 3,
          errorSpanCount: 1,
          orphanSpanCount: 1,
          services: [
            { name: 'api', spanCount: 2, errorSpanCount: 1 },
            { name: 'web', spanCount: 1, errorSpanCount: 0 },
          ],
        },
      ],
    })
  })
})

describe('a query that is wrong', () => {
  it('names the parameter, under the name that it came with', async () => {
    const wrong: [Record<string, string>, string][] = [
      [{ 'query.startTimeMin': '' }, 'query.startTimeMin and query.startTimeMax are required'],
      [{ 'query.startTimeMax': '' }, 'query.startTimeMin and query.startTimeMax are required'],
      [{ 'query.startTimeMin': 'now' }, 'malformed parameter query.startTimeMin'],
      [
        { 'query.startTimeMax': '', 'query.start_time_max': 'x' },
        'malformed parameter query.start_time_max',
      ],
      [
        { 'query.startTimeMin': time['query.startTimeMax'] },
        'query.startTimeMin must be before query.startTimeMax',
      ],
      [{ 'query.durationMin': '5' }, 'malformed parameter query.durationMin'],
      [{ 'query.duration_max': '1d' }, 'malformed parameter query.duration_max'],
      [{ 'query.searchDepth': '0' }, 'malformed parameter query.searchDepth'],
      [{ 'query.searchDepth': '1001' }, 'malformed parameter query.searchDepth'],
      [{ 'query.search_depth': 'all' }, 'malformed parameter query.search_depth'],
      [{ 'query.num_traces': '-1' }, 'malformed parameter query.num_traces'],
      [{ 'query.rawTraces': 'maybe' }, 'malformed parameter query.rawTraces'],
      [{ 'query.attributes': 'a=b' }, 'malformed parameter query.attributes'],
      [{ 'query.attributes': '["a"]' }, 'malformed parameter query.attributes'],
      [{ 'query.attributes': '{"a":1}' }, 'malformed parameter query.attributes'],
      [{ 'query.filter': '{"op":"eq"}' }, 'query.filter is not supported, query.attributes is'],
    ]
    for (const path of ['traces', 'trace-summaries']) {
      for (const [parameters, message] of wrong) {
        const answer = await get(path, { ...time, ...parameters })
        expect(answer).toEqual({ status: 400, body: { error: { httpCode: 400, message } } })
      }
    }
  })

  it('finds nothing: 404, but an empty list of summaries', async () => {
    expect(await get('traces', time)).toMatchObject({
      status: 404,
      body: { error: { httpCode: 404 } },
    })
    expect(await get('trace-summaries', time)).toEqual({ status: 200, body: { summaries: [] } })
  })
})
