import type { TraceSummary, TracesData } from '@pingtrace/otlp'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  pageOrigin,
  request,
  span,
  spanIdOf,
  startTestCollector,
  type TestCollector,
  traceIdOf,
} from '../testing.ts'

let collector: TestCollector
const traceId = traceIdOf(0xabc)

beforeEach(async () => {
  collector = await startTestCollector()
})

async function get(path: string, headers: Record<string, string> = {}) {
  const response = await collector.query(path, headers)
  const body = (await response.json()) as {
    result?: TracesData
    traces?: TraceSummary[]
    error?: { httpCode: number; message: string }
  }
  return { status: response.status, body, headers: response.headers }
}

describe('api/v3', () => {
  it('lists services and operations', async () => {
    expect((await get('/api/v3/services')).body).toEqual({ services: [] })
    await collector.send(
      request(
        'web',
        span(traceId, spanIdOf(1), { name: 'b', kind: 3 }),
        span(traceId, spanIdOf(2), { name: 'a', kind: 0 }),
      ),
    )
    await collector.send(request('api', span(traceId, spanIdOf(3))))
    expect((await get('/api/v3/services')).body).toEqual({ services: ['api', 'web'] })
    expect((await get('/api/v3/operations?service=web')).body).toEqual({
      operations: [
        { name: 'a', spanKind: 'internal' },
        { name: 'b', spanKind: 'client' },
      ],
    })
    expect((await get('/api/v3/operations?service=none')).body).toEqual({ operations: [] })
    expect((await get('/api/v3/operations')).body).toEqual({ operations: [] })
  })

  it('answers 405 for whatever is no question', async () => {
    const { query } = collector.ports
    for (const path of ['/api/v3/services', '/live/v1/traces', '/nowhere']) {
      const response = await fetch(`http://127.0.0.1:${query}${path}`, { method: 'POST' })
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toBe('GET, HEAD')
      expect(await response.json()).toMatchObject({ error: { httpCode: 405 } })
    }
  })

  it('lists the operations of one kind', async () => {
    const spans = [0, 1, 2, 3].map((kind) => span(traceId, spanIdOf(kind + 1), { name: 'a', kind }))
    await collector.send(request('web', ...spans))
    const of = async (search: string) => (await get(`/api/v3/operations?service=web${search}`)).body
    const all = ['internal', 'server', 'client'].map((spanKind) => ({ name: 'a', spanKind }))
    expect(await of('')).toEqual({ operations: all })
    expect(await of('&spanKind=server')).toEqual({ operations: [all[1]] })
    expect(await of('&span_kind=client')).toEqual({ operations: [all[2]] })
    expect(await of('&spanKind=none')).toEqual({ operations: [] })
  })

  it('gives a trace by its id, in either case, without its zeros, in base64', async () => {
    await collector.send(request('web', span(traceId, spanIdOf(1), { name: 'root' })))
    const base64 = encodeURIComponent(Buffer.from(traceId, 'hex').toString('base64'))
    for (const id of [traceId, traceId.toUpperCase(), 'abc', base64]) {
      const { body } = await get(`/api/v3/traces/${id}`)
      expect(body.result?.resourceSpans).toMatchObject([
        { scopeSpans: [{ spans: [{ traceId, spanId: spanIdOf(1), name: 'root' }] }] },
      ])
    }
  })

  it('answers 404 for a trace that is not there, 400 for what is no id', async () => {
    expect(await get(`/api/v3/traces/${traceId}`)).toMatchObject({
      status: 404,
      body: { error: { httpCode: 404, message: 'no span of this trace is stored' } },
    })
    expect(await get('/api/v3/traces/xyz')).toMatchObject({
      status: 400,
      body: { error: { httpCode: 400, message: 'malformed parameter trace_id' } },
    })
    expect(await get('/api/v2/traces')).toMatchObject({
      status: 404,
      body: { error: { httpCode: 404 } },
    })
  })
})

describe('the parameters of a trace', () => {
  it('are checked, and change nothing: all of a trace is at hand, and nothing adjusted', async () => {
    await collector.send(request('web', span(traceId, spanIdOf(1))))
    const { body } = await get(`/api/v3/traces/${traceId}`)
    const time = '2000-01-02T12:30:08.999999998%2B08:00'
    for (const search of [
      `startTime=${time}&endTime=${time}`,
      `start_time=${time}`,
      'rawTraces=1',
    ]) {
      expect((await get(`/api/v3/traces/${traceId}?${search}`)).body).toEqual(body)
    }
    for (const name of ['startTime', 'end_time', 'rawTraces', 'raw_traces']) {
      expect(await get(`/api/v3/traces/${traceId}?${name}=abc`)).toMatchObject({
        status: 400,
        body: { error: { httpCode: 400, message: `malformed parameter ${name}` } },
      })
    }
  })
})

describe('live/v1/traces', () => {
  it('lists the newest arrivals first, up to a limit', async () => {
    for (const n of [1, 2, 3]) {
      await collector.send(request('web', span(traceIdOf(n), spanIdOf(1))))
    }
    const { body } = await get('/live/v1/traces?limit=2')
    expect(body.traces).toMatchObject([{ traceId: traceIdOf(3) }, { traceId: traceIdOf(2) }])
    for (const limit of ['0', 'x', '1001', '1.5']) {
      expect((await get(`/live/v1/traces?limit=${limit}`)).status, limit).toBe(400)
    }
  })
})

describe('the query port', () => {
  it('says what it is, and that it is well', async () => {
    expect(await (await collector.query('/')).text()).toContain('/api/v3/services')
    expect((await get('/healthz')).body).toEqual({
      status: 'ok',
      otlpPorts: { grpc: collector.ports.otlpGrpc, http: collector.ports.otlpHttp },
      traces: 0,
      spans: 0,
      streams: 0,
      sendersNeedToken: false,
      droppedRequests: { logs: 0, metrics: 0, profiles: 0 },
    })
  })

  it('lets the listed pages read, and caches their preflights', async () => {
    const listed = await get('/healthz', { origin: pageOrigin })
    expect(listed.headers.get('access-control-allow-origin')).toBe(pageOrigin)
    expect(listed.headers.get('vary')).toContain('Origin')

    const url = `http://127.0.0.1:${collector.ports.query}/live/v1/stream`
    const headers = { origin: pageOrigin, 'access-control-request-method': 'GET' }
    const preflight = await fetch(url, { method: 'OPTIONS', headers })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-headers')).toBe(
      'Last-Event-ID,Authorization',
    )
    expect(preflight.headers.get('access-control-max-age')).toBe('7200')
  })

  it('refuses other pages itself, stream and preflight included', async () => {
    const origin = 'http://localhost:9999'
    for (const path of ['/healthz', '/api/v3/services', '/live/v1/stream']) {
      const refused = await get(path, { origin })
      expect(refused.status).toBe(403)
      expect(refused.headers.get('access-control-allow-origin')).toBeNull()
    }
    const url = `http://127.0.0.1:${collector.ports.query}/healthz`
    expect((await fetch(url, { method: 'OPTIONS', headers: { origin } })).status).toBe(403)
  })
})
