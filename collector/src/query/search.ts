import type { SearchError } from '@pingtrace/otlp'
import { compileQuery, QueryError } from '@pingtrace/traceql'
import { type Context, Hono } from 'hono'
import type { TraceStore } from '../store/trace-store.ts'
import { apiError } from './api-v3.ts'
import { parseTime } from './go-syntax.ts'

const defaultLimit = 20
const maxLimit = 1_000
/** Searches take turns with each other and with the receivers: more of them only get slower. */
const maxSearches = 8

/**
 * `GET /live/v1/search`: traces by a query in the subset of TraceQL that docs/traceql.md describes.
 * The contract stands with SearchResult in @pingtrace/otlp.
 * @param stop ends the searches that go on
 */
export function search(store: TraceStore, stop: AbortSignal): Hono {
  const app = new Hono()
  let running = 0

  app.get('/search', async (c) => {
    const limit = Number(c.req.query('limit') ?? defaultLimit)
    if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit) {
      return apiError(c, 400, `limit must be a number from 1 to ${maxLimit}`)
    }
    const text = c.req.query('q')
    if (text === undefined) return apiError(c, 400, 'q is required, {} matches every trace')
    const [start, end] = [readInstant(c, 'start'), readInstant(c, 'end')]
    if (running === maxSearches) {
      c.header('Retry-After', '1')
      return apiError(c, 503, 'too many searches at once')
    }
    running++
    try {
      const matcher = compileQuery(text)
      const { signal } = c.req.raw
      const isStopped = () => stop.aborted || signal.aborted
      return c.json(await store.searchTraces({ matcher, start, end, limit }, isStopped))
    } finally {
      running--
    }
  })

  app.onError((error, c) => {
    if (error instanceof InstantError) return apiError(c, 400, error.message)
    if (error instanceof QueryError) return c.json(describe(error), 400)
    // For the server's own handler, which logs what nobody foresaw.
    throw error
  })

  return app
}

function describe({ message, start, end, line, column, expected }: QueryError): SearchError {
  return { error: { httpCode: 400, message, start, end, line, column, expected } }
}

class InstantError extends Error {
  override name = 'InstantError'
}

/** Nanoseconds since the Unix epoch, of RFC 3339 or of seconds, which is how Tempo has them. */
function readInstant(c: Context, name: string): bigint | undefined {
  const text = c.req.query(name)
  if (text === undefined) return undefined
  const [, seconds, fraction = ''] = /^(\d{1,11})(?:\.(\d{1,9}))?$/.exec(text) ?? []
  const instant =
    seconds === undefined
      ? parseTime(text)
      : BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'))
  if (instant !== undefined) return instant
  throw new InstantError(`${name} must be a time, as 2026-01-31T12:00:00Z or in seconds`)
}
