import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arbitraryQuery } from './arbitrary-query.test-support.ts'
import { compileQuery } from './matcher.ts'
import { parseQuery } from './parse.ts'
import { printQuery } from './print.ts'
import { QueryError } from './query-error.ts'

/** Without the places, which printing changes. */
const bare = (node: unknown) =>
  JSON.parse(
    JSON.stringify(node, (key, value) => {
      if (key === 'start' || key === 'end') return undefined
      if (typeof value === 'bigint') return `${value}n`
      return Object.is(value, -0) ? '-0' : value
    }),
  )

describe('a query', () => {
  it('that is printed reads back as the same', () => {
    fc.assert(
      fc.property(arbitraryQuery, (query) => {
        const text = printQuery(query)
        expect(bare(parseQuery(text))).toEqual(bare(query))
        expect(printQuery(parseQuery(text))).toBe(text)
      }),
      { numRuns: 1_000 },
    )
  })

  it('of any text at all is read, or refused by a QueryError with a place in the text', () => {
    const parts = fc.constantFrom(
      ...'{ } ( ) ! !> !~ && || | = != =~ < >> ~ &> - + . , " ` \' \\ name span. span: event:name'.split(
        ' ',
      ),
      ...'.a span.b 1 1.5 1h 2d nil true error server count max by with "x" `y` \n'.split(' '),
      ' ',
    )
    const soup = fc.array(parts, { maxLength: 30 }).map((list) => list.join(''))
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: 'binary' })), (text) => {
        try {
          compileQuery(text)
        } catch (error) {
          if (!(error instanceof QueryError)) throw error
          expect(error.start).toBeGreaterThanOrEqual(0)
          expect(error.end).toBeGreaterThanOrEqual(error.start)
          expect(error.end).toBeLessThanOrEqual(text.length)
        }
      }),
      { numRuns: 3_000 },
    )
  })

  it('that is cut short or changed in one place is read, or refused by a QueryError', () => {
    const changed = fc
      .tuple(arbitraryQuery.map(printQuery), fc.nat(), fc.string({ unit: 'binary', maxLength: 2 }))
      .map(([text, place, other]) => {
        const at = place % (text.length + 1)
        return [text.slice(0, at), text.slice(0, at) + other + text.slice(at + 1)]
      })
    fc.assert(
      fc.property(changed, (texts) => {
        for (const text of texts) {
          try {
            compileQuery(text)
          } catch (error) {
            if (!(error instanceof QueryError)) throw error
          }
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
