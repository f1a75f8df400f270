import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Candidate, complete } from './complete.ts'
import { parseQuery } from './parse.ts'

/** What may follow where the text has a `^`; the places that the answer takes the place of. */
function at(marked: string) {
  const cursor = marked.indexOf('^')
  const text = marked.replace('^', '')
  const { from, to, candidates } = complete(text, cursor)
  return { typed: text.slice(from, to), candidates }
}

const word = (each: Candidate) => ('text' in each ? each.text : each.kind)
const words = (marked: string) => at(marked).candidates.map(word)

describe('completion', () => {
  it('of an empty query begins a spanset, or sums up all spans', () => {
    expect(words('^')).toEqual(['count(', 'avg(', 'min(', 'max(', 'sum(', '(', '{'])
  })

  it('names scopes and intrinsics where a field may stand', () => {
    const all = words('{ ^ }')
    expect(all).toEqual(
      expect.arrayContaining(['span.', 'resource.', '.', 'name', 'span:id', '!', '(', '}']),
    )
    expect(at('{ sp^ }')).toMatchObject({ typed: 'sp' })
    expect(words('{ span^ }')).toEqual(expect.arrayContaining(['span.', 'span:name']))
    expect(words('{ stat^')).toEqual(['status', 'statusMessage'])
    expect(words('{ span:i^')).toEqual(['span:id'])
    expect(words('{} | max(dur^')).toEqual(['duration'])
  })

  it('asks for the names of attributes, and says what is typed of them', () => {
    expect(at('{ span.^')).toEqual({
      typed: 'span.',
      candidates: [{ kind: 'attribute', scope: 'span', typed: '' }],
    })
    expect(at('{ name = "x" && .http.ro^').candidates).toEqual([
      { kind: 'attribute', scope: 'any', typed: 'http.ro' },
    ])
    expect(at('{ resource.service.name^ = "x" }')).toMatchObject({
      typed: 'resource.service.name',
      candidates: [{ kind: 'attribute', scope: 'resource', typed: 'service.name' }],
    })
  })

  it('names operators after an operand, and the ends of what is open', () => {
    expect(words('{ name ^')).toEqual([
      '=',
      '!=',
      '<',
      '<=',
      '>',
      '>=',
      '=~',
      '!~',
      '&&',
      '||',
      '}',
    ])
    expect(words('{ (name = "x" ^')).toEqual(expect.arrayContaining(['&&', ')']))
    expect(words('{} ^')).toEqual(expect.arrayContaining(['>', '>>', '!<', '&~', '&&', '|']))
    expect(words('{} | ^')).toEqual(expect.arrayContaining(['count(', '{']))
    expect(words('{} | count() ^')).toEqual(['=', '!=', '<', '<=', '>', '>='])
    expect(words('{} | count() > ^')).toEqual(['number'])
  })

  it('names the values of enumerations, and asks for those of all else', () => {
    expect(words('{ status = ^').slice(0, 3)).toEqual(['ok', 'error', 'unset'])
    expect(words('{ kind != se^')).toEqual(['server'])
    expect(at('{ span.a = ^').candidates.slice(0, 1)).toMatchObject([
      { kind: 'values', field: { scope: 'span', name: 'a' }, type: 'any' },
    ])
    expect(at('{ resource.service.name = "fro^').candidates).toMatchObject([
      { kind: 'values', field: { name: 'service.name' }, type: 'any' },
    ])
    expect(at('{ resource.service.name = "fro^')).toMatchObject({ typed: '"fro' })
    expect(at('{ span:duration > 1^').candidates).toMatchObject([
      { kind: 'values', type: 'duration' },
    ])
  })

  it('says nothing where the text before is wrong, or for what comes after', () => {
    expect(words('{ name = = ^')).toEqual([])
    expect(words('{ status = ^ ]]]').slice(0, 1)).toEqual(['ok'])
  })

  it('offers operators and fields that can be read there', () => {
    const prefix = fc.constantFrom(
      ...[
        '',
        '{',
        '{ .a',
        '{ .a =',
        '{ .a = 1',
        '{ !',
        '{ (',
        '{ .a = 1 && ',
        '{}',
        '({}',
        '{} >',
        '{} |',
        '{} | count()',
      ],
    )
    fc.assert(
      fc.property(prefix, (text) => {
        for (const each of complete(text, text.length).candidates) {
          if (!('text' in each) || each.text === 'number') continue
          const error = errorOf(`${text} ${each.text}`)
          // Whatever is missing then is missing behind it.
          expect(error?.start ?? text.length + 1).toBeGreaterThan(text.length)
        }
      }),
    )
  })
})

function errorOf(text: string): { start: number } | undefined {
  try {
    parseQuery(text)
    return undefined
  } catch (error) {
    return error as { start: number }
  }
}
