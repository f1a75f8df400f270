import type { SearchResult } from '@pingtrace/otlp'
import { expect, it } from 'vitest'
import { jaegerProgram, startJaeger } from '../jaeger.test-support.ts'
import { openStream, postTraces, startTestCollector, traceIdOf } from '../testing.ts'

// JAEGER=<path to jaeger 2.20> npx vitest run collector/src/jaeger

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })

function spanOf(traceId: string, spanId: string, name: string, more = {}) {
  const now = BigInt(Date.now()) * 1_000_000n
  return {
    traceId,
    spanId,
    name,
    kind: 2,
    startTimeUnixNano: String(now - 5_000_000n),
    endTimeUnixNano: String(now),
    ...more,
  }
}

const requestOf = (service: string, spans: object[]) =>
  JSON.stringify({
    resourceSpans: [
      { resource: { attributes: [text('service.name', service)] }, scopeSpans: [{ spans }] },
    ],
  })

it.skipIf(!jaegerProgram)(
  `a running Jaeger is searched and followed${jaegerProgram ? '' : ' (JAEGER is not set)'}`,
  { timeout: 60_000 },
  async () => {
    const { http, query } = await startJaeger()
    const jaegerUrl = new URL(`http://127.0.0.1:${query}/`)
    const collector = await startTestCollector(undefined, { jaegerUrl })
    const send = async (body: string) => {
      const response = await postTraces(http, body, { 'content-type': 'application/json' })
      expect(response.status).toBe(200)
    }
    const [first, second] = [traceIdOf(1), traceIdOf(2)]
    const failed = { status: { code: 2 }, attributes: [text('a', 'b')] }
    await send(requestOf('web', [spanOf(first, '0000000000000001', 'root', failed)]))
    await send(requestOf('api', [spanOf(second, '0000000000000001', 'other')]))

    const find = async (q: string) => {
      const path = `/jaeger/live/v1/search?q=${encodeURIComponent(q)}`
      const { traces } = (await (await collector.query(path)).json()) as SearchResult
      return traces.map(({ traceId }) => traceId).sort()
    }
    expect(await find('{}')).toEqual([first, second])
    expect(await find('{ resource.service.name = "web" && name = "root" }')).toEqual([first])
    expect(await find('{ status = error && .a = "b" }')).toEqual([first])
    expect(await find('{ kind = server && duration >= 5ms }')).toEqual([first, second])
    expect(await find('{ duration > 5ms }')).toEqual([])
    expect(await find('{ duration <= 5ms && .a = "c" }')).toEqual([])
    expect(await find('{ trace:rootService = "api" && trace:rootName = "other" }')).toEqual([
      second,
    ])

    const path = '/jaeger/live/v1/stream'
    const trace = await openStream(collector, `?traceId=${first}`, {}, path)
    const list = await openStream(collector, '', {}, path)
    const namesOf = async () =>
      (await trace.next()).data.resourceSpans?.flatMap(({ scopeSpans }) =>
        scopeSpans?.flatMap(({ spans }) => spans?.map(({ name }) => name)),
      )
    expect(await namesOf()).toEqual(['root'])
    expect((await list.next()).data.traces).toHaveLength(2)
    const parent = { parentSpanId: '0000000000000001' }
    await send(requestOf('api', [spanOf(first, '0000000000000002', 'late', parent)]))
    expect(await namesOf()).toEqual(['late'])
    expect((await list.next()).data.traces).toMatchObject([
      { traceId: first, name: 'root', service: 'web', spanCount: 2, errorCount: 1 },
    ])
  },
)
