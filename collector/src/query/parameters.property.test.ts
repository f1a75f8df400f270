import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { request, span, spanIdOf, startTestCollector, traceIdOf } from '../testing.ts'
import { ParameterError, readTraceQuery } from './find-parameters.ts'
import { parseBool, parseDuration, parseTime, parseTraceId } from './go-syntax.ts'

const units = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 3.6e12 }

/** Text out of what such values are made of, so that it comes near to being one. */
const near = (alphabet: string, maxLength = 40) =>
  fc.string({ unit: fc.constantFrom(...alphabet), maxLength })

describe('Go syntax', () => {
  it('a duration is the sum of its terms', () => {
    const term = fc.tuple(fc.nat(10_000), fc.constantFrom(...Object.keys(units)))
    fc.assert(
      fc.property(fc.array(term, { minLength: 1, maxLength: 6 }), fc.boolean(), (terms, minus) => {
        const text = terms.map(([count, unit]) => `${count}${unit}`).join('')
        const sum = terms.reduce((sum, [n, unit]) => sum + n * units[unit as keyof typeof units], 0)
        expect(parseDuration(minus ? `-${text}` : text)).toBe(minus ? 0 - sum : sum)
      }),
    )
  })

  it('a time is the nanosecond that it names, in whatever zone', () => {
    const date = fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true })
    const offset = fc.integer({ min: -(23 * 60 + 59), max: 23 * 60 + 59 })
    fc.assert(
      fc.property(date, fc.nat(999_999), offset, (date, below, minutes) => {
        const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, -1)
        const two = (n: number) => String(Math.floor(n)).padStart(2, '0')
        const zone = `${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`
        const text = `${local}${String(below).padStart(6, '0')}${minutes < 0 ? '-' : '+'}${zone}`
        expect(parseTime(text)).toBe(BigInt(date.getTime()) * 1_000_000n + BigInt(below))
      }),
    )
  })

  it('anything else is undefined, and never an exception', () => {
    const noise = fc.oneof(
      near('0123456789.+-nsuµmh'),
      near('0123456789-:TZ.,+'),
      near('0123456789abcdefABCDEF+/=-_'),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(noise, (text) => {
        const duration = parseDuration(text)
        if (duration !== undefined) expect(Math.abs(duration)).toBeLessThanOrEqual(2 ** 63)
        const time = parseTime(text)
        if (time !== undefined) expect(typeof time).toBe('bigint')
        expect([true, false, undefined]).toContain(parseBool(text))
        expect(parseTraceId(text) ?? '0'.repeat(32)).toMatch(/^[0-9a-f]{32}$/)
      }),
      { numRuns: 2_000 },
    )
  })

  it('takes a long text no longer than its length allows', () => {
    // As long as headers let a query be; whoever tries each cut of it would not come back.
    const long = 16_000
    for (const text of ['1', '1s', '1.', '.', '9'].map((part) => part.repeat(long / part.length))) {
      parseDuration(`${text}x`)
      parseTime(`2024-01-01T00:00:00.${text}x`)
      parseTraceId(`${text}x`)
    }
  })
})

const names = ['serviceName', 'operationName', 'startTimeMin', 'start_time_max', 'startTimeMax']
const name = fc.oneof(
  fc.constantFrom(...names, 'durationMin', 'attributes', 'searchDepth', 'num_traces', 'filter'),
  fc.string({ maxLength: 10 }),
)
const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  near('{}[]",:\\u0123'),
  fc.json({ maxDepth: 2 }),
  fc.constantFrom('2024-01-01T00:00:00Z', '2030-01-01T00:00:00Z', '1s', '20', '['.repeat(5_000)),
)
const search = fc
  .array(fc.tuple(name, value), { maxLength: 8 })
  .map(
    (pairs) =>
      new URLSearchParams(pairs.map(([key, text]): [string, string] => [`query.${key}`, text])),
  )

it('a query is understood, or its wrong parameter named', () => {
  fc.assert(
    fc.property(search, (parameters) => {
      try {
        expect(readTraceQuery(parameters).limit).toBeGreaterThan(0)
      } catch (error) {
        if (!(error instanceof ParameterError)) throw error
      }
    }),
    { numRuns: 2_000 },
  )
})

it('no query and no position is too much for the server', async () => {
  const collector = await startTestCollector()
  await collector.send(request('shop', span(traceIdOf(1), spanIdOf(1))))
  const range = 'query.startTimeMin=2020-01-01T00:00:00Z&query.startTimeMax=2030-01-01T00:00:00Z'
  await fc.assert(
    fc.asyncProperty(search, fc.string({ unit: 'grapheme' }), async (parameters, text) => {
      const noise = encodeURIComponent(text)
      for (const path of [
        `/api/v3/traces?${parameters}`,
        `/api/v3/trace-summaries?${range}&${parameters}`,
        `/api/v3/traces/${noise}`,
        `/api/v3/operations?service=${noise}&spanKind=${noise}`,
        `/live/v1/traces?limit=${noise}`,
      ]) {
        const response = await collector.query(path)
        expect([200, 400, 404], path).toContain(response.status)
        await response.text()
      }
    }),
    { numRuns: 60 },
  )
})

it('a stream goes on from a position, or starts anew, whatever it is asked for', async () => {
  const collector = await startTestCollector()
  await collector.send(request('shop', span(traceIdOf(1), spanIdOf(1))))
  const position = fc.oneof(
    near('0123456789-', 20),
    fc.tuple(fc.nat(3), fc.nat(300)).map((pair) => pair.join('-')),
    fc.string({ maxLength: 30 }),
  )
  await fc.assert(
    fc.asyncProperty(position, async (after) => {
      const stop = new AbortController()
      const url = `/live/v1/stream?after=${encodeURIComponent(after)}`
      const response = await fetch(`http://127.0.0.1:${collector.ports.query}${url}`, {
        signal: stop.signal,
      })
      expect(response.status).toBe(200)
      stop.abort()
    }),
    { numRuns: 60 },
  )
  expect((await collector.query('/healthz')).status).toBe(200)
})
