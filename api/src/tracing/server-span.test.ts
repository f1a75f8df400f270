import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { stream } from 'hono/streaming'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { liesWithin, parentId, recordSpans, spanId, traceId } from './record-spans.test-support.ts'
import { serverSpan } from './server-span.ts'
import { withSpan } from './with-span.ts'

const { take } = recordSpans()
beforeEach(take)

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'

const app = new Hono()
app.get('/untraced', (c) => c.text('ok'))
app.use(serverSpan())
app.get('/users/:id', (c) => withSpan('work', {}, async () => c.text(c.req.param('id'))))
app.get('/empty', (c) => c.body(null, 204))
app.get('/gone', () => {
  throw new HTTPException(410)
})
const fail = () => {
  throw Object.assign(new Error('out of luck'), { code: 'ELUCK' })
}
app.get('/broken', fail)
app.get('/broken-below', () => withSpan('work', {}, fail))
app.get('/unavailable', (c) => c.text('not now', 503))
app.get('/odd', () => {
  throw 'not an Error'
})
app.onError((error, c) => c.text('failed', error instanceof HTTPException ? error.status : 500))

async function call(path: string, init: RequestInit = {}) {
  const response = await app.request(path, init)
  const text = await response.text()
  const spans = await take()
  return { response, text, spans, span: spans.find((span) => span.kind === SpanKind.SERVER) }
}

describe('the context in the headers', () => {
  test('is continued: same trace, the header names the parent', async () => {
    const { span, spans } = await call('/users/7', {
      headers: { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: 'a=1' },
    })
    expect(traceId(span)).toBe(TRACE)
    expect(parentId(span)).toBe(PARENT)
    expect(span?.parentSpanContext?.isRemote).toBe(true)
    expect(span?.spanContext().traceState?.get('a')).toBe('1')
    expect(parentId(spans.find(({ name }) => name === 'work'))).toBe(spanId(span))
  })

  test('cannot switch the tracing off, and whether it tried is told', async () => {
    const sampledOf = async (flags: string) => {
      const headers = { traceparent: `00-${TRACE}-${PARENT}-${flags}` }
      const { spans, span } = await call('/users/7', { headers })
      expect(spans.map(traceId)).toEqual([TRACE, TRACE])
      return span?.attributes['propagation.sampled']
    }
    expect(await sampledOf('00')).toBe(false)
    expect(await sampledOf('02')).toBe(false)
    expect(await sampledOf('01')).toBeUndefined()
  })

  test.each([
    'nonsense',
    `00-${TRACE.toUpperCase()}-${PARENT}-01`,
    `00-${'0'.repeat(32)}-${PARENT}-01`,
    `00-${TRACE}-${PARENT}-01, 00-${TRACE}-${PARENT}-01`,
    'x'.repeat(10_000),
  ])('starts a new trace when it is malformed (%#)', async (traceparent) => {
    const { response, span } = await call('/users/7', { headers: { traceparent } })
    expect(response.status).toBe(200)
    expect(span).toBeDefined()
    expect(traceId(span)).not.toBe(TRACE)
    expect(parentId(span)).toBeUndefined()
  })

  test('is the only parent: a span that happens to be active is none', async () => {
    await withSpan('unrelated', {}, () => call('/users/7'))
    const { span } = await withSpan('unrelated', {}, () => call('/users/7'))
    expect(parentId(span)).toBeUndefined()
  })

  test('stays with its request: 100 at once are never cross-linked', async () => {
    const ids = Array.from({ length: 100 }, (_, i) => (i + 1).toString(16).padStart(32, '0'))
    await Promise.all(
      ids.map(async (id) => {
        const headers = { traceparent: `00-${id}-${PARENT}-01` }
        const response = await app.request(`/users/${id}`, { headers })
        expect(await response.text()).toBe(id)
      }),
    )
    const spans = await take()
    expect(spans).toHaveLength(200)
    for (const server of spans.filter(({ kind }) => kind === SpanKind.SERVER)) {
      expect(server.attributes['url.path']).toBe(`/users/${traceId(server)}`)
      const work = spans.filter((span) => parentId(span) === spanId(server))
      expect(work.map(traceId)).toEqual([traceId(server)])
    }
  })
})

describe('name, attributes and status', () => {
  test('follow the route, without the query', async () => {
    const { span } = await call('http://api.example:8081/users/7?token=secret')
    expect(span?.name).toBe('/users/:id')
    expect(span?.attributes).toEqual({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'http.route': '/users/:id',
      'propagation.extraction': 'absent',
      'server.address': 'api.example',
      'server.port': 8081,
      'url.path': '/users/7',
      'url.scheme': 'http',
    })
    expect(span?.status.code).toBe(SpanStatusCode.UNSET)
  })

  test('an IPv6 address stands without its brackets', async () => {
    const { span } = await call('http://[::1]:8081/users/7')
    expect(span?.attributes['server.address']).toBe('::1')
  })

  test('a 404 has no route', async () => {
    const { span } = await call('/nowhere')
    expect(span?.name).toBe('GET')
    expect(span?.attributes).not.toHaveProperty('http.route')
    expect(span?.attributes['http.response.status_code']).toBe(404)
    expect(span?.status.code).toBe(SpanStatusCode.UNSET)
  })

  test.each(['GET', 'QUERY', 'PATCH'])(
    '%s is a method that the conventions know',
    async (method) => {
      const { span } = await call('/nowhere', { method })
      expect(span?.name).toBe(method)
      expect(span?.attributes['http.request.method']).toBe(method)
      expect(span?.attributes).not.toHaveProperty('http.request.method_original')
    },
  )

  test.each(['PROPFIND', 'FOO', 'pAtch'])('%s is another method', async (method) => {
    const { span } = await call('/nowhere', { method })
    expect(span?.name).toBe('HTTP')
    expect(span?.attributes['http.request.method']).toBe('_OTHER')
    expect(span?.attributes['http.request.method_original']).toBe(method)
  })

  test('a 4xx is not the server’s error, even when it was thrown', async () => {
    const { span } = await call('/gone')
    expect(span?.attributes['http.response.status_code']).toBe(410)
    expect(span?.status.code).toBe(SpanStatusCode.UNSET)
    expect(span?.events).toEqual([])
  })

  test('an Error that was thrown is recorded', async () => {
    const { span } = await call('/broken')
    expect(span?.attributes['http.response.status_code']).toBe(500)
    expect(span?.attributes['error.type']).toBe('ELUCK')
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'out of luck' })
    expect(span?.events.map(({ name }) => name)).toEqual(['exception'])
  })

  test('an Error that a span below has as an event is none here', async () => {
    const { spans } = await call('/broken-below')
    expect(spans.map(({ name, events }) => [name, events.length])).toEqual([
      ['work', 1],
      ['/broken-below', 0],
    ])
    for (const { attributes, status } of spans) {
      expect(attributes['error.type']).toBe('ELUCK')
      expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'out of luck' })
    }
  })

  test('a 5xx that was answered has its status as error.type', async () => {
    const { span } = await call('/unavailable')
    expect(span?.attributes['error.type']).toBe('503')
    expect(span?.status.code).toBe(SpanStatusCode.ERROR)
  })

  test('something else that was thrown is recorded, and goes on', async () => {
    await expect((async () => app.request('/odd'))()).rejects.toBe('not an Error')
    const [span] = await take()
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'not an Error' })
  })

  test('routes in front of it make no span', async () => {
    expect((await call('/untraced')).spans).toEqual([])
  })
})

describe('the route', () => {
  const sub = new Hono()
  sub.use('/guarded/*', async (_, next) => next())
  sub.get('/guarded/:id', (c) => c.text('one'))
  sub.onError((_, c) => c.text('failed', 500))
  const routed = new Hono()
  routed.use('/api/*', serverSpan())
  routed.use('/api/deep/*', async (_, next) => next())
  routed.get('/api/users/:id', (c) => c.text('first'))
  routed.get('/api/users/*', (c) => c.text('second'))
  routed.get('/api/late', (c) => c.text('late'))
  routed.all('/api/any', (c) => c.text('any'))
  routed.get(
    '/api/two',
    async (_, next) => next(),
    (c) => c.text('after a middleware'),
  )
  routed.route('/api/sub', sub)
  routed.use('/api/late/*', async (_, next) => next())

  test.each([
    ['/api/nowhere', undefined, 'GET'],
    ['/api/deep/nowhere', undefined, 'GET'],
    ['/api/sub/guarded', undefined, 'GET'],
    ['/api/users/7', '/api/users/:id', '/api/users/:id'],
    ['/api/users/7/more', '/api/users/*', '/api/users/*'],
    ['/api/late', '/api/late', '/api/late'],
    ['/api/any', '/api/any', '/api/any'],
    ['/api/two', '/api/two', '/api/two'],
    ['/api/sub/guarded/7', '/api/sub/guarded/:id', '/api/sub/guarded/:id'],
  ])('of %s is %s, whatever middleware stands before or behind it', async (path, route, name) => {
    await (await routed.request(path)).text()
    const [span] = await take()
    expect(span?.attributes['http.route']).toBe(route)
    expect(span?.name).toBe(name)
  })

  test('is that of the handler that answers, even when middleware for all follows it', async () => {
    const late = new Hono()
    late.use(serverSpan())
    late.get('/early', (c) => c.text('early'))
    late.use('*', async (_, next) => next())
    await late.request('/early')
    await late.request('/nowhere')
    expect((await take()).map(({ name }) => name)).toEqual(['/early', 'GET'])
  })

  test('may be for all paths, when a handler is', async () => {
    const all = new Hono().use(serverSpan()).all('*', (c) => c.text('anything'))
    await all.request('/nowhere', { method: 'PURGE' })
    const [span] = await take()
    expect(span?.name).toBe('/*')
    expect(span?.attributes).toMatchObject({
      'http.route': '/*',
      'http.request.method': '_OTHER',
      'http.request.method_original': 'PURGE',
    })
  })
})

describe('the end of the span', () => {
  const open = () => {
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    return { release, released }
  }

  /** Serves on a real socket: only there is a response under way after its handler. */
  async function serve(served: Hono) {
    const server = createServer(getRequestListener(served.fetch, { overrideGlobalObjects: false }))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const { port } = server.address() as AddressInfo
    return { port, url: `http://127.0.0.1:${port}` }
  }

  /** The next spans that end: the server learns of the end a little later than the caller. */
  async function nextSpans(count = 1) {
    const ended = await take()
    const enough = async () => ended.push(...(await take())) >= count
    await vi.waitUntil(enough, { timeout: 10_000 })
    return ended
  }

  test.each([
    ['GET', '/empty', 204],
    ['HEAD', '/users/7', 200],
    ['GET', '/users/7', 200],
    ['GET', '/nowhere', 404],
  ])('comes once, whatever the body (%s %s)', async (method, path, status) => {
    const { url } = await serve(app)
    const response = await fetch(`${url}${path}`, { method })
    expect(response.status).toBe(status)
    await response.text()
    const spans = await nextSpans()
    expect(spans.filter(({ kind }) => kind === SpanKind.SERVER)).toHaveLength(1)
  })

  test('leaves a whole body whole: its length is known', async () => {
    const { url } = await serve(app)
    const response = await fetch(`${url}/users/7`)
    expect(await response.text()).toBe('7')
    expect(response.headers.get('content-length')).toBe('1')
    expect(response.headers.has('transfer-encoding')).toBe(false)
  })

  test('waits for the last part of a streamed body', async () => {
    const gate = open()
    const { url } = await serve(
      new Hono().use(serverSpan()).get('/stream', (c) =>
        stream(c, async (out) => {
          await out.write('first')
          await gate.released
          await withSpan('late work', {}, () => out.write('last'))
        }),
      ),
    )
    const response = await fetch(`${url}/stream`)
    const reader = response.body?.getReader()
    await reader?.read()
    expect(await take()).toEqual([])
    gate.release()
    while ((await reader?.read())?.done === false);
    const [late, server] = await nextSpans(2)
    expect(late?.name).toBe('late work')
    expect(parentId(late)).toBe(spanId(server))
    expect(server?.status.code).toBe(SpanStatusCode.UNSET)
    expect(late !== undefined && server !== undefined && liesWithin(late, server)).toBe(true)
  })

  test.each(['at once', 'later'])('a body that fails %s is an error', async (when) => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined) // @hono/node-server tells it
    onTestFinished(() => void vi.restoreAllMocks())
    let pulls = 0
    const { url } = await serve(
      new Hono().use(serverSpan()).get('/fail', () => {
        const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
          await new Promise(setImmediate)
          if (when === 'at once' || ++pulls > 5) controller.error(new RangeError('cut off'))
          else controller.enqueue(new Uint8Array(10))
        }
        return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }))
      }),
    )
    const body = fetch(`${url}/fail`).then((response) => response.text())
    await expect(body).rejects.toThrow()
    const [span] = await nextSpans()
    expect(span?.attributes['error.type']).toBe('RangeError')
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'cut off' })
  })

  test('a caller that goes away ends it, without an error', async () => {
    const { port } = await serve(
      new Hono().use(serverSpan()).get('/endless', (c) =>
        stream(c, async (out) => {
          await out.write('first')
          await new Promise<void>((resolve) => out.onAbort(resolve))
        }),
      ),
    )
    const socket = connect(port, '127.0.0.1')
    socket.write('GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(socket, 'data')
    expect(await take()).toEqual([])
    socket.destroy()
    const spans = await nextSpans()
    expect(spans.map(({ name, status }) => [name, status.code])).toEqual([
      ['/endless', SpanStatusCode.UNSET],
    ])
  })

  test('a caller that goes away before the answer does not cut the work’s span off', async () => {
    const begun = open()
    const { port } = await serve(
      new Hono().use(serverSpan()).get('/slow', (c) =>
        withSpan('work', {}, async () => {
          begun.release()
          await once(c.req.raw.signal, 'abort')
          return c.text('too late')
        }),
      ),
    )
    const socket = connect(port, '127.0.0.1')
    socket.write('GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await begun.released
    socket.destroy()
    const [work, server] = await nextSpans(2)
    expect([work?.name, server?.name]).toEqual(['work', '/slow'])
    expect(work !== undefined && server !== undefined && liesWithin(work, server)).toBe(true)
  })
})
