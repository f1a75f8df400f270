import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { type Context, Hono } from 'hono'
import { apiError, isTraceId, tryLater } from '../query/api-v3.ts'
import { holdStream, writeEvent } from '../query/event-stream.ts'
import type { QueryLimits } from '../query/limits.ts'
import { answerWrongQuestion, readInstant } from '../query/question.ts'
import { findInJaeger } from './find-in-jaeger.ts'
import { JaegerClient, JaegerError } from './jaeger-client.ts'
import { type PolledFeed, spansFeed, tracesFeed } from './jaeger-feeds.ts'
import { translateQuery } from './translate-query.ts'

/** How long Jaeger has a rest between two polls: at least, and this many times what the last took. */
const rest = { leastMs: 2_000, timesCost: 5 }
const maxLimit = 1_000

/** What the viewer can ask of its own collector and of no Jaeger. */
const missing = {
  '/live/v1/operations': 'group its spans by operation',
  '/live/v1/service-map': 'draw a service map of what a query finds',
  '/live/v1/requests': 'tell which requests it got',
  '/live/v1/requests/stream': 'tell which requests it got',
  '/live/v1/traces/:traceId/arrivals': 'tell when spans arrived',
  '/live/v1/traces/:traceId/findings': 'tell what else went on around a trace',
}

/**
 * The paths that the viewer reads, over one Jaeger: docs/jaeger.md. Everything in what is asked
 * there is made here; no path, header or parameter of the request is passed on as it is.
 * @param streams holds the streams that are open
 * @param stop ends them, and what Jaeger is being asked
 */
export function jaeger(
  base: URL,
  streams: Set<ServerResponse>,
  stop: AbortSignal,
  limits: QueryLimits,
): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>()
  const client = new JaegerClient(base, limits.traceBytes)
  const signalOf = (c: Context) => AbortSignal.any([stop, c.req.raw.signal])
  let asking = 0

  app.use(async (c, next) => {
    if (c.req.path.endsWith('/stream')) return next()
    if (asking >= limits.jaeger) {
      return tryLater(c, `Jaeger is being asked ${limits.jaeger} things already`)
    }
    asking++
    try {
      await next()
    } finally {
      asking--
    }
  })

  app.get('/api/v3/services', async (c) => c.json(await client.services(signalOf(c))))
  app.get('/api/v3/operations', async (c) =>
    c.json(await client.operations(c.req.query('service') ?? '', signalOf(c))),
  )
  app.get('/api/v3/traces/:traceId', async (c) => {
    const traceId = c.req.param('traceId')
    if (!isTraceId(traceId)) return noTraceId(c)
    const body = await client.readTrace(traceId, signalOf(c))
    if (body === undefined) return apiError(c, 404, 'Jaeger has no span of this trace')
    return c.body(new Uint8Array(body), 200, { 'Content-Type': 'application/json' })
  })

  app.get('/live/v1/search', async (c) => {
    const limit = readLimit(c)
    if (limit === undefined) return noLimit(c)
    const query = translateQuery(c.req.query('q') ?? '{}')
    const range = { start: readInstant(c, 'start'), end: readInstant(c, 'end') }
    return c.json(await findInJaeger(client, query, range, limit, signalOf(c)))
  })
  app.get('/live/v1/traces', async (c) => {
    const limit = readLimit(c)
    if (limit === undefined) return noLimit(c)
    const range = { start: undefined, end: undefined }
    const { traces } = await findInJaeger(client, translateQuery('{}'), range, limit, signalOf(c))
    return c.json({ traces })
  })

  app.get('/live/v1/stream', async (c) => {
    const traceId = c.req.query('traceId')
    if (traceId !== undefined && !isTraceId(traceId)) return noTraceId(c)
    if (streams.size >= limits.streams) {
      return tryLater(c, `there are ${limits.streams} streams open, close one`)
    }
    const { outgoing } = c.env
    streams.add(outgoing)
    try {
      const feed = traceId === undefined ? tracesFeed(client) : spansFeed(client, traceId)
      // Before the headers: that Jaeger is away is an answer of its own.
      const first = (await feed.poll(signalOf(c))) ?? {}
      outgoing.writeHead(200, {
        ...Object.fromEntries(c.res.headers),
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store',
      })
      const isBack = (c.req.header('Last-Event-ID') ?? c.req.query('after')) !== undefined
      await holdStream(outgoing, stop, (signal) => follow(outgoing, feed, first, isBack, signal))
    } finally {
      streams.delete(outgoing)
    }
    return RESPONSE_ALREADY_SENT
  })

  for (const [path, what] of Object.entries(missing)) {
    app.get(path, (c) =>
      apiError(c, 501, `Jaeger cannot ${what}: only this collector's own traces have that`),
    )
  }

  app.onError((error, c) => {
    if (error instanceof JaegerError) {
      // What Jaeger calls a wrong question is one; the rest is its trouble.
      return apiError(c, error.status === 400 ? 400 : 502, error.message)
    }
    // Who asked is gone, or we are.
    if (signalOf(c).aborted) return apiError(c, 503, 'the question was dropped')
    return answerWrongQuestion(error, c)
  })
  return app
}

/** Jaeger has no stream: it is asked again, for as long as somebody looks. */
async function follow(
  response: ServerResponse,
  feed: PolledFeed,
  first: object,
  isBack: boolean,
  signal: AbortSignal,
): Promise<void> {
  // There is no place to go on from: who comes back gets all of it.
  const send = (event: string, content: object) => writeEvent(response, event, '0', content, signal)
  if (isBack) await send('reset', {})
  // Who has not read this is not polled for.
  await send(feed.event, first)
  let cost = 0
  for (;;) {
    const pause = Math.max(rest.leastMs, cost * rest.timesCost)
    await delay(pause, undefined, { signal })
    const began = performance.now()
    const content = await pollOrEnd(feed, signal)
    cost = performance.now() - began
    if (content === 'end') return
    if (content !== undefined) await send(feed.event, content)
  }
}

/** The stream ends when Jaeger is away: who reads it comes back, and is told why then. */
async function pollOrEnd(feed: PolledFeed, signal: AbortSignal) {
  try {
    return await feed.poll(signal)
  } catch (error) {
    if (error instanceof JaegerError) return 'end'
    throw error
  }
}

function readLimit(c: Context): number | undefined {
  const limit = Number(c.req.query('limit') ?? 20)
  return Number.isInteger(limit) && limit >= 1 && limit <= maxLimit ? limit : undefined
}

const noLimit = (c: Context) => apiError(c, 400, `limit must be a number from 1 to ${maxLimit}`)
const noTraceId = (c: Context) => apiError(c, 400, 'a trace id has 32 hex digits')
