import type { ServerResponse } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import type { ArrivedSpans } from '@pingtrace/otlp'
import { Hono } from 'hono'
import type { Page, TraceReader } from '../store/trace-reader.ts'
import type { TraceStore } from '../store/trace-store.ts'
import { apiError, isTraceId } from './api-v3.ts'
import { answerWithEvents, type Feed, sendEvents } from './event-stream.ts'
import type { QueryLimits } from './limits.ts'

/** What a subscriber to all traces gets first. */
const firstTraces = 50
const tracesInPage = 500
/** Bytes of stored spans; as JSON they are two or three times as many. */
const spanBytesInPage = 128 * 1024

/**
 * The live list and the stream; their contract stands with TraceSummary in @pingtrace/otlp.
 * @param streams holds the streams that are open
 * @param stop ends them
 */
export function live(
  store: TraceStore,
  streams: Set<ServerResponse>,
  stop: AbortSignal,
  limits: QueryLimits,
): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>()

  app.get('/traces', (c) => {
    const limit = Number(c.req.query('limit') ?? 20)
    if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
      return apiError(c, 400, 'limit must be a number from 1 to 1000')
    }
    return c.json({ traces: store.recentTraces(limit) })
  })

  app.get('/stream', (c) => {
    const traceId = c.req.query('traceId')
    if (traceId !== undefined && !isTraceId(traceId)) {
      return apiError(c, 400, 'a trace id has 32 hex digits')
    }
    const encoding = c.req.query('encoding') ?? 'json'
    if (encoding !== 'json' && encoding !== 'protobuf') {
      return apiError(c, 400, 'encoding must be json or protobuf')
    }
    const feed =
      traceId === undefined ? tracesFeed(store) : spansFeed(store, traceId, encoding === 'protobuf')
    return answerWithEvents(c, streams, limits.streams, (outgoing, resume) =>
      sendEvents(outgoing, store, feed, resume, stop),
    )
  })

  return app
}

/** A list names what is stored: when some of that goes, it starts anew. */
function tracesFeed(store: TraceStore): Feed {
  let droppedBefore = store.droppedSegments
  return {
    event: 'traces',
    first: () => {
      droppedBefore = store.droppedSegments
      return { content: { traces: store.recentTraces(firstTraces) }, next: store.end }
    },
    isOutdated: () => store.droppedSegments !== droppedBefore,
    after: (cursor) => {
      const { content: traces, next } = store.changedTraces(cursor, tracesInPage)
      return { content: traces.length === 0 ? undefined : { traces }, next }
    },
  }
}

/** Spans that somebody is looking at stay true when they are stored no more. */
function spansFeed(store: TraceStore, traceId: string, asProtobuf: boolean): Feed {
  const page = (reader: TraceReader): Page<ArrivedSpans | undefined> => {
    if (!asProtobuf) {
      const { content, next } = reader.page(spanBytesInPage)
      return { content: content.resourceSpans?.length ? content : undefined, next }
    }
    const { content, next } = reader.pageOfBytes(spanBytesInPage)
    return { content: content.length > 0 ? { protobuf: base64(content) } : undefined, next }
  }
  const arrived = (spans: ArrivedSpans, next: number): ArrivedSpans => {
    // While there is more to read, silence says nothing: what seems to be missing may be in it.
    const isAll = next === store.end
    const arrivedAt = isAll ? store.summaryOf(traceId)?.arrivedAt : undefined
    // A clock that was set back makes nothing arrive in the future.
    const quiet = arrivedAt !== undefined && { quietForMs: Math.max(0, Date.now() - arrivedAt) }
    return { ...spans, ...quiet }
  }
  // Whose next page begins at the cursor that the last one has told.
  let reader: TraceReader | undefined
  return {
    event: 'spans',
    isOutdated: () => false,
    first: () => {
      reader = store.followTrace(traceId)
      const { content = { resourceSpans: [] }, next } = page(reader)
      return { content: arrived(content, next), next }
    },
    after: (cursor) => {
      reader ??= store.followTrace(traceId, cursor)
      const { content, next } = page(reader)
      return { content: content && arrived(content, next), next }
    },
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
