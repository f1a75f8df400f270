import type { AttributeValue } from '@pingtrace/otlp'
import { compileQuery } from '@pingtrace/traceql'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findQuery } from './find-query.ts'

describe('findQuery', () => {
  it.each<[string, AttributeValue, string | undefined]>([
    ['http.route', '/ping', '{ span.http.route = "/ping" }'],
    ['http.response.status_code', 200n, '{ span.http.response.status_code = 200 }'],
    ['ratio', 2, '{ span.ratio = 2.0 }'],
    ['cached', false, '{ span.cached = false }'],
    ['a b"c', 'say "no"\n', '{ span."a b\\"c" = "say \\"no\\"\\u000a" }'],
    ['list', ['a'], undefined],
    ['map', { a: 1n }, undefined],
    ['empty', null, undefined],
    ['none', Number.NaN, undefined],
    ['', 'a', undefined],
    ['long', 'x'.repeat(1_001), undefined],
  ])('of %s is right', (name, value, query) => {
    expect(findQuery('span', name, value)).toBe(query)
  })

  it('is one that the collector can read, whatever was sent', () => {
    const value = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.double(),
      fc.boolean(),
    )
    const scope = fc.constantFrom('span', 'resource', 'event', 'link')
    fc.assert(
      fc.property(scope, fc.string(), value, (where, name, value) => {
        const query = findQuery(where, name, value)
        if (query !== undefined) compileQuery(query)
      }),
    )
  })
})
