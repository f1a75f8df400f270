import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context } from 'hono'
import type { Page } from '../store/trace-reader.ts'
import type { TraceStore } from '../store/trace-store.ts'
import { tryLater } from './api-v3.ts'

/** One frame of a screen: a page can show no more often. */
const frameMs = 16
/** That a client has read one of them shows that it reads at all. */
const pieceBytes = 64 * 1024
const keepAliveMs = 15_000

/** What one kind of subscriber gets. Pages are bounded, so that no event is large. */
export interface Feed {
  /** The name of its events. */
  readonly event: string
  /** What a new subscriber gets first, even if it is empty. */
  first(): Page<object>
  /** What came after a cursor; without content when nothing did. */
  after(cursor: number): Page<object | undefined>
  /** Whether what a subscriber has got is false by now, since retention dropped some of it. */
  isOutdated(): boolean
}

/**
 * Answers by a stream of events, unless as many are open as may be.
 * @param streams holds those that are open
 * @param write gets the position after which the client has everything, where it says one
 */
export async function answerWithEvents(
  c: Context<{ Bindings: HttpBindings }>,
  streams: Set<ServerResponse>,
  most: number,
  write: (response: ServerResponse, resume: string | undefined) => Promise<void>,
): Promise<Response> {
  if (streams.size >= most) return tryLater(c, `there are ${most} streams open, close one`)
  // A client that reconnects by itself repeats its URL; the header is then the newer of the two.
  const resume = c.req.header('Last-Event-ID') ?? c.req.query('after')
  // Node's own response, because only that tells whether a client has read.
  const { outgoing } = c.env
  outgoing.writeHead(200, {
    ...Object.fromEntries(c.res.headers),
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-store',
  })
  streams.add(outgoing)
  try {
    await write(outgoing, resume)
  } finally {
    streams.delete(outgoing)
  }
  return RESPONSE_ALREADY_SENT
}

/**
 * Writes a feed as server-sent events until the client is gone, or `stop` is aborted.
 *
 * The store is read when something is about to be sent, so nothing waits in a queue: however slow a
 * client is, it costs its cursor and one event. History is sent as fast as the client reads it;
 * changes are sent at once, at most one event a frame.
 *
 * @param resume the position after which the client has everything: an `id` it got earlier
 */
export async function sendEvents(
  response: ServerResponse,
  store: TraceStore,
  feed: Feed,
  resume: string | undefined,
  stop: AbortSignal,
): Promise<void> {
  await holdStream(response, stop, (signal) => follow(response, store, feed, resume, signal))
}

/**
 * Runs what writes events for as long as the client is there and `stop` is not aborted, keeps the
 * connection alive meanwhile, and ends it.
 */
export async function holdStream(
  response: ServerResponse,
  stop: AbortSignal,
  write: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  // It may have gone while its first event was being made.
  if (response.destroyed) gone.abort()
  const signal = AbortSignal.any([gone.signal, stop])
  const keepAlive = keepAlivesFor(response)
  try {
    response.flushHeaders()
    await write(signal)
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    clearInterval(keepAlive)
    // Writing to a destroyed response would be an error of its own.
    if (!response.destroyed) response.end()
  }
}

async function follow(
  response: ServerResponse,
  store: TraceStore,
  feed: Feed,
  resume: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const send = (event: string, content: object, cursor: number) =>
    writeEvent(response, event, store.positionOf(cursor), content, signal)
  const sendPage = async (content: object, next: number) => {
    const isHistory = next < store.end
    await send(feed.event, content, next)
    // Changes wait for the next frame; history goes on when others have had their turn.
    if (isHistory) await turn(undefined, { signal })
    else await delay(frameMs, undefined, { signal })
  }
  const restart = async () => {
    const { content, next } = feed.first()
    await sendPage(content, next)
    return next
  }
  const known = resume === undefined ? undefined : store.cursorOf(resume)
  if (resume !== undefined && known === undefined) await send('reset', {}, store.start)
  let cursor = known ?? (await restart())
  while (!response.destroyed) {
    signal.throwIfAborted()
    // What a slow reader has not got yet may be gone as well.
    if (cursor < store.start || feed.isOutdated()) {
      await send('reset', {}, store.start)
      cursor = await restart()
      continue
    }
    const { content, next } = feed.after(cursor)
    cursor = next
    if (content === undefined) {
      await nextCommit(store, signal)
      continue
    }
    await sendPage(content, cursor)
  }
}

/**
 * Writes one event, however large, no faster than the client reads it. Resolves when next to nothing of
 * it is left here, and rejects when the signal is aborted before.
 */
export async function writeEvent(
  response: ServerResponse,
  event: string,
  id: string,
  content: object,
  signal: AbortSignal,
): Promise<void> {
  const bytes = Buffer.from(`event: ${event}\nid: ${id}\ndata: ${JSON.stringify(content)}\n\n`)
  for (let at = 0; at < bytes.length && !response.destroyed; at += pieceBytes) {
    response.write(bytes.subarray(at, at + pieceBytes))
    if (response.writableNeedDrain) await once(response, 'drain', { signal })
  }
}

function nextCommit(store: TraceStore, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      unsubscribe()
      signal.removeEventListener('abort', settle)
      if (signal.aborted) reject(signal.reason)
      else resolve()
    }
    const unsubscribe = store.subscribe(settle)
    signal.addEventListener('abort', settle)
  })
}

/** Comments that keep proxies from closing a quiet stream, and find out who reads no more. */
function keepAlivesFor(response: ServerResponse): NodeJS.Timeout {
  let wasStuck = false
  response.on('drain', () => {
    wasStuck = false
  })
  return setInterval(() => {
    if (response.destroyed) return
    // Else it would get into the middle of an event.
    if (!response.writableNeedDrain) response.write(': keep-alive\n\n')
    else if (wasStuck) response.destroy()
    wasStuck = response.writableNeedDrain
  }, keepAliveMs)
}
