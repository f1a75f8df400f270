import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { SearchError } from '@pingtrace/otlp'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { openStream, startTestCollector, traceIdOf } from '../testing.ts'
import {
  recordedDepth,
  recordedFirstSpan,
  recordedNotFound,
  recordedSummary,
  recordedTrace,
  startFakeJaeger,
} from './fake-jaeger.test-support.ts'

async function start(limits = {}) {
  const jaeger = await startFakeJaeger()
  const options = { jaegerUrl: jaeger.url, queryLimits: limits }
  return { jaeger, collector: await startTestCollector(undefined, options) }
}

const summary = {
  traceId: traceIdOf(1),
  name: 'root',
  service: 'web',
  hasRoot: true,
  services: ['web'],
  spanCount: 2,
  errorCount: 1,
  startTimeUnixNano: '1795672833000000000',
  durationNano: '5000000',
  arrivedAt: 1_795_672_833_005,
}

const searchFor = (query: string, more = '') =>
  `/jaeger/live/v1/search?q=${encodeURIComponent(query)}${more}`
const streamPath = '/jaeger/live/v1/stream'

/** More than the buffers of two sockets hold. */
const giantBytes = 32 * 1024 * 1024
const giantTrace = () => {
  const [resource] = recordedFirstSpan.result.resourceSpans
  return { result: { resourceSpans: [{ ...resource, schemaUrl: 'x'.repeat(giantBytes) }] } }
}

/** A client that reads up to what it is told, and little more; it fails when it is dropped. */
function slowReader(port: number, path: string) {
  const socket: Socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  let count = 0
  return {
    readUpTo: async (bytes: number) => {
      while (count < bytes) {
        const chunk: Buffer | null = socket.read()
        if (chunk !== null) count += chunk.length
        else if (socket.readableEnded) throw new Error('the stream was dropped')
        else await Promise.race([once(socket, 'readable'), once(socket, 'end')])
      }
    },
  }
}

describe('a search', () => {
  it('asks for summaries in the parameters of Jaeger, and answers them as ours', async () => {
    const { jaeger, collector } = await start()
    jaeger.say({ summaries: [recordedSummary] })
    const query = '{ resource.service.name = "web" && duration > 1ms && .code = 500 }'
    const more = '&start=2026-11-26T06:00:00Z&end=1795672900.5&limit=7'
    const response = await collector.query(searchFor(query, more))
    expect(await response.json()).toEqual({ traces: [summary], examined: 1 })
    const { pathname, searchParams } = new URL(jaeger.requests[0]!.url!, jaeger.url)
    expect(pathname).toBe('/api/v3/trace-summaries')
    expect(Object.fromEntries(searchParams)).toEqual({
      'query.startTimeMin': '2026-11-26T06:00:00.000000000Z',
      'query.startTimeMax': '2026-11-26T06:01:40.500000000Z',
      'query.searchDepth': '7',
      'query.serviceName': 'web',
      'query.durationMin': '1000001ns',
      'query.attributes': '{"code":"500"}',
    })
  })

  it('of the root leaves out traces in which another span fits', async () => {
    const { jaeger, collector } = await start()
    jaeger.say({ summaries: [recordedSummary, { ...recordedSummary, rootOperationName: 'x' }] })
    const response = await collector.query(searchFor('{ trace:rootName = "root" }'))
    expect(await response.json()).toEqual({ traces: [summary], examined: 2 })
  })

  it('that Jaeger cannot answer is refused with the place, and Jaeger is not asked', async () => {
    const { jaeger, collector } = await start()
    const response = await collector.query(searchFor('{} >> {}'))
    expect(response.status).toBe(400)
    const { error } = (await response.json()) as SearchError
    expect(error).toMatchObject({ httpCode: 400, start: 0, end: 8, line: 1, column: 1 })
    expect(error.message).toMatch(/structure/)
    expect(jaeger.requests).toEqual([])
  })

  it('says that there may be more, when there were as many as were wanted', async () => {
    const { jaeger, collector } = await start()
    jaeger.say({ summaries: [recordedSummary] })
    const response = await collector.query(searchFor('{}', '&limit=1'))
    expect(await response.json()).toMatchObject({ partial: 'limit' })
  })
})

describe('where Jaeger does not help', () => {
  it.each<[string, unknown, number, number, RegExp]>([
    ['it refuses', recordedDepth, 500, 502, /Jaeger refuses: search depth must be/],
    ['the question was wrong', { error: { message: 'malformed' } }, 400, 400, /malformed/],
    ['it is older', '404 page not found', 404, 502, /came with 2\.20/],
    ['it is a page', '<html>', 200, 502, /no Jaeger/],
    ['it says nothing else', '', 503, 502, /HTTP 503/],
    ['it is large', { summaries: 'x'.repeat(20_000) }, 200, 502, /over 10000 bytes/],
  ])('says so: %s', async (_, body, status, expected, message) => {
    const { jaeger, collector } = await start({ traceBytes: 10_000 })
    jaeger.say(body, status)
    const response = await collector.query(searchFor('{}'))
    expect(response.status).toBe(expected)
    expect(((await response.json()) as SearchError).error.message).toMatch(message)
  })

  it('says so when nobody is there, on the stream as well', async () => {
    const { jaeger, collector } = await start()
    await jaeger.close()
    for (const path of [searchFor('{}'), streamPath, '/jaeger/api/v3/services']) {
      const response = await collector.query(path)
      expect(response.status).toBe(502)
      expect(((await response.json()) as SearchError).error.message).toMatch(/does not answer/)
    }
  })

  it('names what Jaeger cannot do at all', async () => {
    const { jaeger, collector } = await start()
    const paths = [
      'operations',
      'service-map',
      'requests',
      'requests/stream',
      `traces/${traceIdOf(1)}/arrivals`,
    ]
    for (const path of paths) {
      const response = await collector.query(`/jaeger/live/v1/${path}`)
      expect(response.status).toBe(501)
      expect(((await response.json()) as SearchError).error.message).toMatch(/^Jaeger cannot /)
    }
    expect(jaeger.requests).toEqual([])
  })
})

describe('a stream', () => {
  it('of a trace sends all of it, and later what is new alone', async () => {
    const { jaeger, collector } = await start()
    jaeger.say(recordedFirstSpan)
    const stream = await openStream(collector, `?traceId=${traceIdOf(1)}`, {}, streamPath)
    const first = await stream.next()
    expect(first).toMatchObject({ event: 'spans', data: recordedFirstSpan.result })
    jaeger.say(recordedTrace())
    const [, child] = recordedTrace().result.resourceSpans[0]!.scopeSpans![0]!.spans!
    const { data } = await stream.next()
    expect(data.resourceSpans?.[0]?.scopeSpans?.[0]?.spans).toEqual([child])
    expect(data.quietForMs).toBe(0)
  })

  it('of a trace that is not there is empty until it is', async () => {
    const { jaeger, collector } = await start()
    jaeger.say(recordedNotFound, 404)
    const stream = await openStream(collector, `?traceId=${traceIdOf(1)}`, {}, streamPath)
    expect((await stream.next()).data).toEqual({ resourceSpans: [], quietForMs: 0 })
    jaeger.say(recordedTrace())
    expect((await stream.next()).data.resourceSpans).toHaveLength(1)
  })

  it('of all traces sends those that changed', async () => {
    const { jaeger, collector } = await start()
    const other = { ...recordedSummary, traceId: traceIdOf(2) }
    jaeger.say({ summaries: [recordedSummary, other] })
    const stream = await openStream(collector, '', {}, streamPath)
    expect((await stream.next()).data.traces).toHaveLength(2)
    jaeger.say({ summaries: [recordedSummary, { ...other, spanCount: 3 }] })
    const { event, data } = await stream.next()
    expect(event).toBe('traces')
    expect(data.traces).toEqual([{ ...summary, traceId: traceIdOf(2), spanCount: 3 }])
  })

  it('begins anew for who comes back', async () => {
    const { jaeger, collector } = await start()
    jaeger.say({ summaries: [] })
    const stream = await openStream(collector, '?after=0', {}, streamPath)
    expect((await stream.next()).event).toBe('reset')
    expect((await stream.next()).event).toBe('traces')
  })

  it('of a giant trace waits for a slow reader, and does not ask Jaeger meanwhile', async () => {
    const { jaeger, collector } = await start()
    const giant = JSON.stringify(giantTrace())
    jaeger.answer(({ pathname }, response) =>
      response.end(pathname.endsWith(traceIdOf(1)) ? giant : JSON.stringify(recordedFirstSpan)),
    )
    const slow = slowReader(collector.ports.query, `${streamPath}?traceId=${traceIdOf(1)}`)
    await slow.readUpTo(1_000)
    const other = await openStream(collector, `?traceId=${traceIdOf(2)}`, {}, streamPath)
    await other.next()
    const asked = (n: number) => jaeger.requests.filter(({ url }) => url?.endsWith(traceIdOf(n)))
    // Whoever began earlier is asked for earlier.
    await vi.waitUntil(() => asked(2).length === 2, { timeout: 15_000 })
    expect(asked(1)).toHaveLength(1)
    await slow.readUpTo(giantBytes)
    await vi.waitUntil(() => asked(1).length === 2, { timeout: 5_000 })
  }, 30_000)

  it('of a giant trace goes on with who reads, however long that takes', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { jaeger, collector } = await start()
    jaeger.say(giantTrace())
    const slow = slowReader(collector.ports.query, `${streamPath}?traceId=${traceIdOf(1)}`)
    for (let part = 1; part <= 8; part++) {
      await slow.readUpTo((giantBytes * part) / 8)
      vi.advanceTimersByTime(15_000)
    }
  }, 30_000)

  it('ends when Jaeger is away', async () => {
    const { jaeger, collector } = await start()
    jaeger.say({ summaries: [] })
    const stream = await openStream(collector, '', {}, streamPath)
    await stream.next()
    await jaeger.close()
    await expect(stream.next()).rejects.toThrow('the stream ended')
  })
})

describe('the target', () => {
  it('is fixed: no path, header or redirection leads elsewhere', async () => {
    const { jaeger, collector } = await start()
    const elsewhere = await startFakeJaeger()
    elsewhere.say({ services: ['stolen'] })
    jaeger.answer((_, response) =>
      response.writeHead(302, { location: `${elsewhere.url}api/v3/services` }).end(),
    )
    const headers = { 'x-forwarded-host': elsewhere.url.host, cookie: 'a=b', authorization: 'c' }
    const redirected = await collector.query('/jaeger/api/v3/services', headers)
    expect(redirected.status).toBe(502)
    expect(jaeger.requests[0]!.headers).not.toHaveProperty('cookie')
    expect(jaeger.requests[0]!.headers).not.toHaveProperty('authorization')
    expect(jaeger.requests[0]!.headers).not.toHaveProperty('x-forwarded-host')
    const paths = [
      '/jaeger/',
      '/jaeger/api/traces',
      '/jaeger/api/v3/archive',
      `/jaeger//${elsewhere.url.host}/api/v3/services`,
      `/jaeger/api/v3/traces/${encodeURIComponent('../../metrics')}`,
      `/jaeger/api/v3/traces?url=${elsewhere.url}`,
    ]
    for (const path of paths) expect((await collector.query(path)).ok, path).toBe(false)
    expect(jaeger.requests).toHaveLength(1)
    expect(elsewhere.requests).toEqual([])
  })

  it('is asked for names, and for a trace as it is', async () => {
    const { jaeger, collector } = await start()
    jaeger.say({ operations: [] })
    await collector.query('/jaeger/api/v3/operations?service=a%26b%3Dc&other=x')
    expect(jaeger.requests[0]!.url).toBe('/api/v3/operations?service=a%26b%3Dc')
    jaeger.say(recordedTrace())
    const trace = await collector.query(`/jaeger/api/v3/traces/${traceIdOf(1)}`)
    expect(await trace.json()).toEqual(recordedTrace())
    jaeger.say(recordedNotFound, 404)
    expect((await collector.query(`/jaeger/api/v3/traces/${traceIdOf(1)}`)).status).toBe(404)
  })

  it('is told by /healthz, and without one there is nothing to ask', async () => {
    const { jaeger, collector } = await start()
    expect(await (await collector.query('/healthz')).json()).toMatchObject({
      jaeger: jaeger.url.href,
    })
    const without = await startTestCollector()
    expect((await without.query('/jaeger/api/v3/services')).status).toBe(404)
    expect(await (await without.query('/healthz')).json()).not.toHaveProperty('jaeger')
  })

  it('is behind the guard and the token of all queries', async () => {
    const jaeger = await startFakeJaeger()
    const queryToken = 'a-token-of-16-characters'
    const exposure = { addresses: [], ingestToken: undefined, queryToken }
    const options = { jaegerUrl: jaeger.url, exposure }
    const collector = await startTestCollector(undefined, options)
    const path = '/jaeger/api/v3/services'
    expect((await collector.query(path)).status).toBe(401)
    const authorization = `Bearer ${queryToken}`
    const origin = 'https://elsewhere.example'
    expect((await collector.query(path, { authorization, origin })).status).toBe(403)
    const url = `http://127.0.0.1:${collector.ports.query}${path}`
    expect((await fetch(url, { method: 'POST', headers: { authorization } })).status).toBe(405)
    expect(jaeger.requests).toEqual([])
    jaeger.say({ services: ['web'] })
    expect(await (await collector.query(path, { authorization })).json()).toEqual({
      services: ['web'],
    })
  })
})
