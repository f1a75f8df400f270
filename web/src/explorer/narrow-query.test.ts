import { compileQuery } from '@pingtrace/traceql'
import { expect, it } from 'vitest'
import { equals, narrowSpans, narrowTraces } from './narrow-query.ts'

const condition = equals('name', 'say "hi"\n')

it('asks for the spans of a query that fit a condition as well', () => {
  const narrowed = {
    '': '{ name = "say \\"hi\\"\\n" }',
    '{}': '{ name = "say \\"hi\\"\\n" }',
    '{ status = error }': '{ status = error && name = "say \\"hi\\"\\n" }',
    '{ .a = 1 || .b = 2 }': '{ (.a = 1 || .b = 2) && name = "say \\"hi\\"\\n" }',
    '{ .a = 1 } >> { .b = 2 }': '{ .a = 1 } >> { .b = 2 } | { name = "say \\"hi\\"\\n" }',
    '{ } | count() > 2': '{ } | count() > 2 | { name = "say \\"hi\\"\\n" }',
    '({ .a = 1 })': '({ .a = 1 }) | { name = "say \\"hi\\"\\n" }',
  }
  for (const [query, expected] of Object.entries(narrowed)) {
    expect(narrowSpans(query, condition)).toBe(expected)
    expect(() => compileQuery(expected)).not.toThrow()
  }
})

it('asks for the traces of a query that match another one as well, where it can', () => {
  const calls = '{ .a = 1 } > { .b = 2 }'
  for (const [query, expected] of [
    ['', calls],
    ['{ status = error }', `({ status = error }) && (${calls})`],
    ['{ } | count() > 2', calls],
  ] as const) {
    expect(narrowTraces(query, calls)).toBe(expected)
    expect(() => compileQuery(expected)).not.toThrow()
  }
})
