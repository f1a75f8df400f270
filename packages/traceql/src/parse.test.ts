import { describe, expect, it } from 'vitest'
import { compileQuery } from './matcher.ts'
import { parseQuery } from './parse.ts'
import { printQuery } from './print.ts'
import { maxQueryLength, QueryError } from './query-error.ts'

/** As it is printed: every operand that is an operation in parentheses. */
const read = (text: string) => printQuery(parseQuery(text))

function refusal(text: string): QueryError {
  try {
    compileQuery(text)
  } catch (error) {
    if (error instanceof QueryError) return error
    throw error
  }
  throw new Error(`was taken: ${text}`)
}

/** The message, and the part of the text that it is about. */
const why = (text: string) => {
  const { message, start, end } = refusal(text)
  return [message, text.slice(start, end)]
}

describe('a query is read', () => {
  it.each([
    ['{}', '{ }'],
    ['{.a}', '{ .a }'],
    ['{ span.http.url="/x" }', '{ span.http.url = "/x" }'],
    ['{ .a-b+c/d*e:f = 1 }', '{ .a-b+c/d*e:f = 1 }'],
    ['{ span.attribute."a b" = 1 }', '{ span."attribute.a b" = 1 }'],
    ['{ ."foo\\" = \\"bar" = "v" }', '{ ."foo\\" = \\"bar" = "v" }'],
    ['{ ."5" = .5 }', '{ ."5" = 0.5 }'],
    ['{ span:name = "x" && span:duration > 1.5ms }', '{ (name = "x") && (duration > 1500us) }'],
    [
      '{ rootName = "x" || traceDuration < 1d12h }',
      '{ (trace:rootName = "x") || (trace:duration < 36h) }',
    ],
    ['{ rootServiceName != nil }', '{ trace:rootService != nil }'],
    ['{ event:timeSinceStart > -5s }', '{ event:timeSinceStart > -5s }'],
    ['{ .a > minInt && .a < - 7 }', '{ (.a > -9223372036854775808) && (.a < -7) }'],
    [
      '{ .a = 1. || .a = 1e3 || .a = 9223372036854775807 }',
      '{ ((.a = 1.0) || (.a = 1000.0)) || (.a = 9223372036854775807) }',
    ],
    ['{ .a =~ `\\d+"` }', '{ .a =~ "\\\\d+\\"" }'],
    ['{ .a = "\\u00e9\\n\\U0001F600" }', '{ .a = "é\\u000a😀" }'],
    ['{ status = error && kind != server }', '{ (status = error) && (kind != server) }'],
    ['{ nil = .a }', '{ nil = .a }'],
    ['{ true } | { .a } | count() > 2', '{ true } | { .a } | count() > 2'],
    ['count()>=2 | max(duration) > 3s | {}', 'count() >= 2 | max(duration) > 3s | { }'],
    ['{} | avg(span.a) != -1.5', '{ } | avg(span.a) != -1.5'],
  ])('%s', (text, printed) => {
    expect(read(text)).toBe(printed)
  })

  it('with the precedence of Tempo: && and || are equal, from the left, below all others', () => {
    expect(read('{ .a || .b && .c }')).toBe('{ (.a || .b) && .c }')
    expect(read('{ .a && .b || .c }')).toBe('{ (.a && .b) || .c }')
    expect(read('{ .a || (.b && .c) }')).toBe('{ .a || (.b && .c) }')
    expect(read('{ .a = 1 && .b = 2 }')).toBe('{ (.a = 1) && (.b = 2) }')
    expect(read('{ !.a = .b }')).toBe('{ !.a = .b }')
    expect(read('{ !(.a = .b) }')).toBe('{ !(.a = .b) }')
    expect(read('{.a} || {.b} > {.c} && {.d}')).toBe('({ .a } || ({ .b } > { .c })) && { .d }')
    expect(read('{.a} >> {.b} !< {.c}')).toBe('({ .a } >> { .b }) !< { .c }')
    expect(read('{.a} &>> ({.b} ~ {.c})')).toBe('{ .a } &>> ({ .b } ~ { .c })')
  })

  it('with the place of every part', () => {
    const [stage] = parseQuery('{ .a = "x" }').stages
    expect(stage).toEqual({
      kind: 'filter',
      start: 0,
      end: 12,
      condition: {
        kind: 'binary',
        operator: '=',
        start: 2,
        end: 10,
        left: { kind: 'attribute', scope: 'any', name: 'a', start: 2, end: 4 },
        right: { kind: 'literal', type: 'string', value: 'x', start: 7, end: 10 },
      },
    })
  })
})

describe('an error says where, and what would have been right', () => {
  it.each([
    ['', 'expected count(), avg(), min(), max(), sum(), ( or {, found the end', ''],
    ['{ .a < }', 'expected !, (, an attribute or intrinsic or a value, found }', '}'],
    ['{ .a < 3', 'expected a comparison, &&, || or }, found the end', ''],
    ['{ .a == 3 }', 'expected !, (, an attribute or intrinsic or a value, found =', '='],
    [
      '{ attribute = 4 }',
      'there is no field or value attribute; an attribute is written .attribute',
      'attribute',
    ],
    ['{ . }', 'an attribute needs a name', '.'],
    ['{ spam.a = 1 }', 'there is no scope spam.', 'spam.'],
    ['{ trace:status = ok }', 'there is no trace:status', 'trace:status'],
    ['{} = {}', 'expected a structural operator, &&, ||, | or the end, found =', '='],
    ["{ .a = 'x' }", 'strings stand in " or `', "'"],
    ['{ .a = "x', 'a quote is not closed', '"x'],
    ['{ .a = `x', 'a backquote is not closed', '`x'],
    ['{ .a =~ "\\d" }', 'there is no escape \\d, `...` takes backslashes as they are', '\\d'],
    ['{ .a = "\\ud800" }', 'malformed escape of a character', '\\ud800'],
    ['{ .a > 1.5d }', 'malformed duration, 1h30m or 1.5ms would be one', '1.5d'],
    ['{ .a > 9223372036854775808 }', 'number too large', '9223372036854775808'],
    ['{ .a > 1e999 }', 'number too large', '1e999'],
    ['{ .a # 1 }', 'unexpected "#"', '#'],
    ['{} | count()', 'expected a comparison, found the end', ''],
    ['{} | count() > "a"', 'expected a number or duration, found "a"', '"a"'],
    ['{} | max() = 1', 'expected an attribute or intrinsic, found )', ')'],
    ['count() > 3 && {}', 'expected | or the end, found &&', '&&'],
  ])('%s', (text, message, part) => {
    expect(why(text)).toEqual([message, part])
  })

  it('by line and column', () => {
    expect(refusal('{\n  .a = 1 &&\n  ?\n}')).toMatchObject({ line: 3, column: 3, start: 16 })
    expect(refusal('{ .a = 1').expected).toEqual(['a comparison', '&&', '||', '}'])
  })

  it.each([
    ['{} | by(.a)', 'by(...)', 'by'],
    ['by(.a) | {}', 'by(...)', 'by'],
    ['{} | coalesce()', 'coalesce(...)', 'coalesce'],
    ['{} | select(.a)', 'select(...)', 'select'],
    ['{} | rate()', 'rate(...)', 'rate'],
    ['{} | quantile_over_time(duration, 0.9)', 'quantile_over_time(...)', 'quantile_over_time'],
    ['{} with (most_recent=true)', 'with(...)', 'with'],
    ['{ .a + 1 = 2 }', 'arithmetic', '+'],
    ['{ -.a = 2 }', 'arithmetic', '-.a'],
    ['{} | count() > 2 * 3', 'arithmetic', '*'],
    ['{ nestedSetParent = -1 }', 'nestedSetParent', 'nestedSetParent'],
    ['{ parent = nil }', 'parent', 'parent'],
    ['{ parent.a = 1 }', 'attributes of the scope parent.', 'parent.'],
    ['{ instrumentation.a = 1 }', 'attributes of the scope instrumentation.', 'instrumentation.'],
    ['({} | count() > 1) && ({})', 'pipelines in parentheses', '|'],
    ['{} // all', 'comments', '//'],
    ['{ .a = "\\x41" }', 'escapes of single bytes', '\\x'],
  ])('what Tempo has besides, by name: %s', (text, what, part) => {
    expect(why(text)).toEqual([`not in this collector's subset: ${what}`, part])
  })

  it.each([
    ['{ status }', 'expected a condition, found a status', 'status'],
    ['{ 1 }', 'expected a condition, found an integer', '1'],
    ['{ "a" && true }', 'expected a condition, found a string', '"a"'],
    ['{ !name }', 'expected a condition, found a string', 'name'],
    ['{ 1 = name }', 'an integer cannot be compared with a string', '1 = name'],
    ['{ status = "error" }', 'a status cannot be compared with a string', 'status = "error"'],
    ['{ status = server }', 'a status cannot be compared with a kind', 'status = server'],
    ['{ kind < client }', 'a kind is only = or !=', 'kind < client'],
    ['{ .a > true }', 'a condition is only = or !=', '.a > true'],
    ['{ .a =~ .b }', 'a regular expression is a string', '.b'],
    ['{ duration =~ "1" }', 'a duration cannot match a regular expression', 'duration'],
    ['{ .a =~ "a(" }', 'malformed regular expression: missing closing ): `a(`', '"a("'],
    ['{ .a =~ "[" }', 'malformed regular expression: missing closing ]: `[`', '"["'],
    [
      '{ .a =~ "(?=x)" }',
      'malformed regular expression: invalid or unsupported Perl syntax: `(?=`',
      '"(?=x)"',
    ],
    ['{ .a > nil }', 'nil is only = or !=', '.a > nil'],
    ['{ status = nil }', 'this is never nil', 'status = nil'],
    ['{ nil = resource.service.name }', 'this is never nil', 'nil = resource.service.name'],
    ['{} | sum(name) > 1', 'only numbers and durations can be summed up, not string', 'name'],
  ])('what can never be meant: %s', (text, message, part) => {
    expect(why(text)).toEqual([message, part])
  })

  it('when a query is too long, too deep, or its regular expression too large', () => {
    expect(why(`{ .${'a'.repeat(maxQueryLength)} }`)[0]).toBe('a query has at most 8000 characters')
    expect(why(`{ ${'('.repeat(101)}`)[0]).toBe('nested too deeply')
    expect(why(`{ ${'!'.repeat(101)} .a }`)[0]).toBe('nested too deeply')
    expect(why('('.repeat(101))[0]).toBe('nested too deeply')
    expect(why(`{ .a =~ "${'a'.repeat(501)}" }`)[0]).toContain('longer than 500 characters')
    expect(why('{ .a =~ "(a{900}){1}[b-d]{900}x{900}" }')[0]).toContain('too complex')
    const chain = `{ ${'.a||'.repeat(1_990)}.a }`
    expect(parseQuery(chain).stages).toHaveLength(1)
    expect(compileQuery(`${'{}~'.repeat(31)}{}`).filters).toHaveLength(32)
    const [message, part] = why(`${'{}~'.repeat(31)}{}|count()>1`)
    expect([message, part]).toEqual(['more than 32 spansets and functions', 'count'])
  })
})
