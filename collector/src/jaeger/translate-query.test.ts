import { QueryError } from '@pingtrace/traceql'
import { describe, expect, it } from 'vitest'
import { translateQuery } from './translate-query.ts'

const translated = (query: string) => {
  const { attributes, ...rest } = translateQuery(query)
  return { ...rest, ...Object.fromEntries(attributes) }
}

describe('a query that Jaeger can be asked', () => {
  it.each<[string, object]>([
    ['{}', {}],
    ['{ resource.service.name = "web" }', { service: 'web' }],
    ['{ .service.name = "web" && name = "GET /" }', { service: 'web', operation: 'GET /' }],
    ['{ duration >= 1ms }', { durationMin: 1_000_000n }],
    ['{ duration > 1ms && duration < 2ms }', { durationMin: 1_000_001n, durationMax: 1_999_999n }],
    ['{ duration > 1ms && duration > 3ms }', { durationMin: 3_000_001n }],
    ['{ duration <= 2ms && duration <= 1ms }', { durationMax: 1_000_000n }],
    ['{ status = error && kind = server }', { error: 'true', 'span.kind': 'server' }],
    [
      '{ span.code = 500 && .flag = true && (resource.host.name = "h" && span.ratio = 0.5) }',
      { code: '500', flag: 'true', 'host.name': 'h', ratio: '0.5' },
    ],
    ['{ span.service.name = "x" }', { 'service.name': 'x' }],
  ])('is said in its parameters: %s', (query, expected) => {
    expect(translated(query)).toEqual({ isOfRoot: false, ...expected })
  })

  it('may be one for the root, as the comparison with earlier traces asks', () => {
    const query = '{ trace:rootService = "web" && trace:rootName = "root" }'
    expect(translated(query)).toEqual({ isOfRoot: true, service: 'web', operation: 'root' })
  })
})

describe('what Jaeger cannot be asked', () => {
  /** The part of the query that is marked stands between the arrows. */
  it.each<[string, RegExp]>([
    ['→{} >> {}←', /structure \(">>"/],
    ['→{} && {}←', /structure \("&&"/],
    ['{} | →count() > 2←', /a pipeline/],
    ['{ →name = "a" || name = "b"← }', /"\|\|"/],
    ['{ →!(name = "a"←) }', /"!"/],
    ['{ →name != "a"← }', /"!="/],
    ['{ name = "a" && →name =~ "b"← }', /"=~"/],
    ['{ name = "a" && →name = "b"← }', /two values of the operation/],
    ['{ .a = "a" && →.a = "b"← }', /two values of a$/],
    ['{ →.a = nil← }', /for what is absent/],
    ['{ →.a > 3← }', /">"/],
    ['{ →"a" = name← }', /a field on the left/],
    ['{ →event.a← = "b" }', /attributes of the event alone/],
    ['{ status = →ok← }', /a status other than error/],
    ['{ kind = →unspecified← }', /the kind/],
    ['{ →duration < 1ns← }', /durations of nothing/],
    ['{ →trace:duration← = 1s }', /trace:duration/],
    ['{ trace:rootName = "a" && →duration← > 1s }', /more than the root/],
    ['{ →true← }', /a value without a comparison/],
  ])('is refused by name, where it stands: %s', (marked, message) => {
    const query = marked.replaceAll(/[→←]/g, '')
    const refusal = refusalOf(query)
    expect(refusal.message).toMatch(/^Jaeger cannot be asked for /)
    expect(refusal.message).toMatch(message)
    const { start, end } = refusal
    const found = `${query.slice(0, start)}→${query.slice(start, end)}←${query.slice(end)}`
    expect(found).toBe(marked)
  })

  it('is told apart from what is no query at all', () => {
    expect(refusalOf('{ name = }').message).not.toMatch(/Jaeger/)
  })
})

function refusalOf(query: string): QueryError {
  try {
    translateQuery(query)
  } catch (error) {
    if (error instanceof QueryError) return error
    throw error
  }
  throw new Error('it was not refused')
}
