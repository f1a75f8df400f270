import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arbitraryQuery, arbitraryTrace } from './arbitrary-query.test-support.ts'
import { findSpans } from './find-spans.ts'
import { hitsOf, Matcher } from './matcher.ts'
import { evaluateNaively } from './naive-evaluation.test-support.ts'
import { printQuery } from './print.ts'
import { type QuerySpan, viewTrace } from './query-span.ts'

describe('a query over any trace', () => {
  it('selects what its definition says', () => {
    let matches = 0
    fc.assert(
      fc.property(arbitraryQuery, arbitraryTrace, (query, trace) => {
        const text = printQuery(query)
        const found = findSpans(new Matcher(query, text), trace)
        expect(found, text).toEqual(evaluateNaively(query, trace))
        if (found.length > 0) matches++
      }),
      { numRuns: 600 },
    )
    // Else the two would agree about nothing much.
    expect(matches).toBeGreaterThan(50)
  })

  it('is never told otherwise by what is known without reading', () => {
    fc.assert(
      fc.property(arbitraryQuery, arbitraryTrace, fc.integer(), (query, trace, hidden) => {
        const matcher = new Matcher(query, printQuery(query))
        const spans = viewTrace(trace)
        const hits = hitsOf(matcher, spans)
        const counts = matcher.filters.map(({ test }, f) => {
          const known = spans.map((span) => test(hide(span, hidden)))
          // What is told is right, and what is hidden is told to be unknown at most.
          for (const [i, truth] of known.entries()) {
            if (truth !== undefined) expect(truth).toBe(hits[f]![i] === 1)
          }
          return known.filter((truth) => truth !== false).length
        })
        if (matcher.select(spans, hits).length > 0) {
          expect(matcher.canMatch(trace.length, counts)).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })
})

/** Fields whose values are not known: a different choice for each number. */
function hide(span: QuerySpan, chosen: number): QuerySpan {
  return {
    ...span,
    values: (field) => {
      const number = [...field.name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0)
      return (chosen >> (number % 31)) & 1 ? undefined : span.values(field)
    },
  }
}
