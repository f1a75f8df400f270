import type { SearchError } from '@pingtrace/otlp'
import { QueryError } from '@pingtrace/traceql'
import type { Context } from 'hono'
import { apiError } from './api-v3.ts'
import { parseTime } from './go-syntax.ts'

/** A time is no time; the message names its parameter. */
class InstantError extends Error {
  override name = 'InstantError'
}

/**
 * Nanoseconds since the Unix epoch, of RFC 3339 or of seconds, which is how Tempo has them; undefined
 * where the parameter is missing.
 * @throws InstantError
 */
export function readInstant(c: Context, name: string): bigint | undefined {
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

/** Answers what is wrong with a query or its times; what nobody foresaw is thrown on. */
export function answerWrongQuestion(error: Error, c: Context) {
  if (error instanceof InstantError) return apiError(c, 400, error.message)
  if (error instanceof QueryError) return c.json(describe(error), 400)
  // For the server's own handler, which logs it.
  throw error
}

function describe({ message, start, end, line, column, expected }: QueryError): SearchError {
  return { error: { httpCode: 400, message, start, end, line, column, expected } }
}
