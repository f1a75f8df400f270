import { parseQuery } from '@pingtrace/traceql'
import { describe, expect, it } from 'vitest'
import { accept, suggest } from './suggest.ts'

const names = { services: ['shop', 'say "hi"'], operations: ['GET /cart', 'place order'] }

/** What is suggested where the text has a `^`. */
function at(marked: string) {
  const cursor = marked.indexOf('^')
  const text = marked.replace('^', '')
  const suggestions = suggest(text, cursor, names)
  return {
    labels: suggestions.items.map(({ label }) => label),
    /** The text once the suggestion with this label is taken, the cursor marked. */
    take: (label: string) => {
      const item = suggestions.items.find((each) => each.label === label)
      if (item === undefined) throw new Error(`not suggested: ${label}`)
      const taken = accept(text, suggestions, item)
      return `${taken.text.slice(0, taken.cursor)}^${taken.text.slice(taken.cursor)}`
    },
  }
}

describe('suggest', () => {
  it.each(['{ resource.service.name = ^', '{ .service.name = ^', '{ trace:rootService = ^'])(
    'knows the services: %s',
    (marked) => {
      expect(at(marked).labels).toEqual(expect.arrayContaining(['"shop"', '"say \\"hi\\""']))
    },
  )

  it('knows the operations, by what is typed of them, with a quote or without', () => {
    expect(at('{ name = ^').labels.slice(0, 2)).toEqual(['"GET /cart"', '"place order"'])
    expect(at('{ trace:rootName = "pl^').labels).toEqual(['"place order"'])
    expect(at('{ name = "get^').labels).toEqual(['"GET /cart"'])
  })

  it('knows the names of common attributes in their scope', () => {
    expect(at('{ span.http.re^').labels).toEqual([
      'http.request.method',
      'http.response.status_code',
    ])
    expect(at('{ resource.^').labels).toContain('service.name')
    expect(at('{ .service.n^').labels).toEqual(['service.name', 'service.namespace'])
  })

  it('knows durations, and the words of the language', () => {
    expect(at('{ duration > ^').labels).toContain('100ms')
    expect(at('{ status = ^').labels.slice(0, 3)).toEqual(['ok', 'error', 'unset'])
    expect(at('^').labels).toContain('{')
  })

  it('offers nothing that is there already, no placeholder, and nothing where it is wrong', () => {
    expect(at('{ status = error^').labels).toEqual([])
    expect(at('{} | count() > ^').labels).toEqual([])
    expect(at('{ = = ^').labels).toEqual([])
  })
})

describe('accept', () => {
  it('takes the place of what is typed, and leaves the rest', () => {
    expect(at('{ resource.service.name = "sh^ && status = error }').take('"shop"')).toBe(
      '{ resource.service.name = "shop" ^&& status = error }',
    )
    expect(at('{ res^').take('resource.')).toBe('{ resource.^')
    expect(at('{ resource.serv^').take('service.name')).toBe('{ resource.service.name ^')
    expect(at('{ .serv^').take('service.name')).toBe('{ .service.name ^')
    expect(at('{} | ^').take('count()')).toBe('{} | count() ^')
  })

  it('writes strings that are read as they were', () => {
    const query = at('{ name = "x" && resource.service.name = ^}').take('"say \\"hi\\""')
    const { stages } = parseQuery(query.replace('^', ''))
    expect(JSON.stringify(stages)).toContain(JSON.stringify('say "hi"'))
  })

  it('leads to a whole query by suggestions alone', () => {
    let text = '^'
    for (const label of ['{', 'status', '=', 'error', '}', '|', 'count()', '>=']) {
      text = at(text).take(label)
    }
    expect(() => parseQuery(text.replace('^', '2'))).not.toThrow()
  })
})
