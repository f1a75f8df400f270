import { compileQuery } from '@pingtrace/traceql'
import { Hono } from 'hono'
import type { TraceStore } from '../store/trace-store.ts'
import { apiError, tryLater } from './api-v3.ts'
import { answerWrongQuestion, readInstant } from './question.ts'

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
    if (running === maxSearches) return tryLater(c, 'too many searches at once')
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

  app.onError(answerWrongQuestion)

  return app
}
