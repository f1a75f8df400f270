import { compileQuery } from '@pingtrace/traceql'
import { type Context, Hono } from 'hono'
import type { Question } from '../store/group-operations.ts'
import type { TraceStore } from '../store/trace-store.ts'
import { tryLater } from './api-v3.ts'
import type { QueryLimits } from './limits.ts'
import { answerWrongQuestion, readInstant } from './question.ts'

/**
 * `GET /live/v1/operations` and `/live/v1/service-map`: what all spans come to. The contract stands
 * with OperationsResult and ServiceMapResult in @pingtrace/otlp.
 * @param stop ends those that go on
 */
export function overviews(store: TraceStore, stop: AbortSignal, limits: QueryLimits): Hono {
  const app = new Hono()
  let running = 0

  const answer =
    (look: (question: Question, isStopped: () => boolean) => Promise<object>) =>
    async (c: Context): Promise<Response> => {
      const text = c.req.query('q')?.trim() ?? ''
      const [start, end] = [readInstant(c, 'start'), readInstant(c, 'end')]
      const matcher = text === '' ? undefined : compileQuery(text)
      if (running >= limits.overviews) {
        return tryLater(c, `${limits.overviews} overviews are being made, wait for one`)
      }
      running++
      try {
        const { signal } = c.req.raw
        const isStopped = () => stop.aborted || signal.aborted
        return c.json(await look({ matcher, start, end }, isStopped))
      } finally {
        running--
      }
    }

  app.get('/operations', answer(store.groupOperations.bind(store)))
  app.get('/service-map', answer(store.mapServices.bind(store)))
  app.onError(answerWrongQuestion)

  return app
}
