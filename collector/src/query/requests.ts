import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { HttpBindings } from '@hono/node-server'
import type { ReceivedRequest } from '@pingtrace/otlp'
import { Hono } from 'hono'
import { answerWithEvents, holdStream, writeEvent } from './event-stream.ts'
import type { QueryLimits } from './limits.ts'

/** What the receivers remember of the requests that came; declared here, because here it is needed. */
export interface RequestSource {
  after(number: number): ReceivedRequest[]
  subscribe(listener: () => void): () => void
}

/** People read this, and under load there is much of it: several a second are enough. */
const pauseMs = 200

/**
 * `GET /live/v1/requests`, and the same as a stream: the last requests of each receiver, refused ones
 * and preflights among them. The contract stands with ReceivedRequest in @pingtrace/otlp.
 * @param streams holds the streams that are open
 * @param stop ends them
 */
export function requests(
  source: RequestSource,
  streams: Set<ServerResponse>,
  stop: AbortSignal,
  limits: QueryLimits,
): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>()
  // Numbers begin anew with each start, so they are good for this one only.
  const start = Date.now()

  app.get('/requests', (c) => c.json({ requests: source.after(0).reverse() }))

  app.get('/requests/stream', (c) =>
    answerWithEvents(c, streams, limits.streams, async (outgoing, resume) => {
      const [, itsStart, number] = /^(\d{1,15})-(\d{1,15})$/.exec(resume ?? '') ?? []
      const isKnown = itsStart === String(start)
      await holdStream(outgoing, stop, async (signal) => {
        const send = (event: string, content: object, cursor: number) =>
          writeEvent(outgoing, event, `${start}-${cursor}`, content, signal)
        if (resume !== undefined && !isKnown) await send('reset', {}, 0)
        let cursor = isKnown ? Number(number) : -1
        while (!signal.aborted) {
          const came = source.after(cursor)
          if (came.length === 0 && cursor >= 0) {
            await next(source, signal)
            continue
          }
          cursor = came.at(-1)?.number ?? 0
          await send('requests', { requests: came }, cursor)
          await delay(pauseMs, undefined, { signal })
        }
      })
    }),
  )

  return app
}

function next(source: RequestSource, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      unsubscribe()
      signal.removeEventListener('abort', settle)
      resolve()
    }
    const unsubscribe = source.subscribe(settle)
    signal.addEventListener('abort', settle)
  })
}
