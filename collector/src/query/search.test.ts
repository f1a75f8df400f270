import type { SearchError, SearchResult } from '@pingtrace/otlp'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { TraceStore } from '../store/trace-store.ts'
import {
  request,
  span,
  spanIdOf,
  startTestCollector,
  type TestCollector,
  temporaryFolder,
  traceIdOf,
} from '../testing.ts'
import { search as searchRoutes } from './search.ts'

let collector: TestCollector

beforeEach(async () => {
  collector = await startTestCollector()
})

async function search(parameters: Record<string, string>) {
  const response = await collector.query(`/live/v1/search?${new URLSearchParams(parameters)}`)
  return { status: response.status, body: (await response.json()) as SearchResult & SearchError }
}

const send = (trace: number, fields = {}) =>
  collector.send(request('web', span(traceIdOf(trace), spanIdOf(1), fields)))

describe('GET /live/v1/search', () => {
  it('answers the summaries of the traces that match, with the spans that do', async () => {
    await send(1)
    await send(2, { name: 'other' })
    await send(3, { attributes: [{ key: 'http.route', value: { stringValue: '/a&b' } }] })
    const listed = await collector.query('/live/v1/traces')
    const { traces } = (await listed.json()) as SearchResult
    const matched = { matchedCount: 1, matchedSpanIds: [spanIdOf(1)] }
    expect(await search({ q: '{ name = "work" }' })).toEqual({
      status: 200,
      body: {
        traces: [
          { ...traces[0], ...matched },
          { ...traces[2], ...matched },
        ],
        examined: 3,
      },
    })
    const { body } = await search({ q: '{ span.http.route = "/a&b" }' })
    expect(body.traces.map(({ traceId }) => traceId)).toEqual([traceIdOf(3)])
    expect((await search({ q: '{ name = "nothing" }' })).body).toEqual({ traces: [], examined: 3 })
  })

  it('keeps to a limit and to a time, in seconds or as RFC 3339', async () => {
    for (let n = 1; n <= 25; n++) await send(n)
    const found = async (parameters: Record<string, string>) => {
      const { traces, partial } = (await search({ q: '{}', ...parameters })).body
      return [traces.length, partial]
    }
    expect(await found({})).toEqual([20, 'limit'])
    expect(await found({ limit: '2' })).toEqual([2, 'limit'])
    expect(await found({ limit: '1000' })).toEqual([25, undefined])
    expect(await found({ limit: '30', start: '1700000000', end: '1700000000.5' })).toEqual([
      25,
      undefined,
    ])
    expect(await found({ limit: '30', end: '1699999999.999999999' })).toEqual([0, undefined])
    expect(await found({ start: '2023-11-14T22:13:20.001000001Z' })).toEqual([0, undefined])
    expect(await found({ limit: '30', start: '2023-11-14T22:13:20.001Z' })).toEqual([25, undefined])
  })

  it('says where a query is wrong, and what could have stood there', async () => {
    const { status, body } = await search({ q: '{ name = "x" &&\n  status > error }' })
    expect(status).toBe(400)
    expect(body).toEqual({
      error: {
        httpCode: 400,
        message: 'a status is only = or !=',
        start: 18,
        end: 32,
        line: 2,
        column: 3,
        expected: [],
      },
    })
    expect((await search({ q: '{} | by(.a)' })).body.error).toMatchObject({
      message: "not in this collector's subset: by(...)",
      start: 5,
    })
    expect((await search({ q: '' })).body.error.expected).toContain('{')
    expect((await search({ q: '{ .a =~ "(" }' })).body.error).toMatchObject({ start: 8, end: 11 })
  })

  it('refuses other parameters that are wrong', async () => {
    const wrong: [Record<string, string>, string][] = [
      [{}, 'q is required, {} matches every trace'],
      [{ q: '{}', limit: '0' }, 'limit must be a number from 1 to 1000'],
      [{ q: '{}', limit: '1001' }, 'limit must be a number from 1 to 1000'],
      [{ q: '{}', start: 'now' }, 'start must be a time, as 2026-01-31T12:00:00Z or in seconds'],
      [{ q: '{}', end: '-1' }, 'end must be a time, as 2026-01-31T12:00:00Z or in seconds'],
    ]
    for (const [parameters, message] of wrong) {
      expect(await search(parameters)).toEqual({
        status: 400,
        body: { error: { httpCode: 400, message } },
      })
    }
  })

  it('refuses more searches at once than it takes turns with, and takes the next ones', async () => {
    const store = new TraceStore(temporaryFolder())
    onTestFinished(() => store.close())
    const app = searchRoutes(store, new AbortController().signal)
    const ask = async () => {
      const { status, headers } = await app.request('/search?q={}')
      return [status, headers.get('Retry-After')]
    }
    const answers = await Promise.all(Array.from({ length: 9 }, ask))
    expect(answers).toEqual([...Array.from({ length: 8 }, () => [200, null]), [503, '1']])
    expect(await ask()).toEqual([200, null])
  })
})
