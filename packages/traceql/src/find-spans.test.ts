import type { Attributes, Span } from '@pingtrace/otlp'
import { describe, expect, it } from 'vitest'
import { findSpans } from './find-spans.ts'
import { compileQuery } from './matcher.ts'
import { maxMatchedLength } from './pattern.ts'

function span(spanId: string, known: Partial<Span> = {}): Span {
  return {
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId,
    parentSpanId: undefined,
    name: spanId,
    kind: 'internal',
    start: 1_000n,
    end: 2_000n,
    status: { code: 'unset', message: '' },
    attributes: {},
    events: [],
    links: [],
    traceState: '',
    flags: 257,
    service: 'api',
    resource: { 'service.name': 'api' },
    scope: { name: 'lib', version: '1.2' },
    ...known,
  }
}

const select = (query: string, ...spans: Span[]) =>
  findSpans(compileQuery(query), spans).map(({ spanId }) => spanId)
/** Whether a span with these attributes fits. */
const fits = (condition: string, attributes: Attributes = {}) =>
  select(`{ ${condition} }`, span('s', { attributes })).length > 0

describe('a condition on attributes', () => {
  it('compares values of one type only, as Tempo does: others are neither = nor !=', () => {
    expect(fits('.a = "1"', { a: '1' })).toBe(true)
    expect(fits('.a = "1"', { a: 1n })).toBe(false)
    expect(fits('.a != "1"', { a: 1n })).toBe(false)
    expect(fits('.a = 1', { a: true })).toBe(false)
    expect(fits('.a = true', { a: true })).toBe(true)
    expect(fits('.a', { a: true })).toBe(true)
    expect(fits('.a', { a: 'true' })).toBe(false)
    expect(fits('.a = error', { a: 'error' })).toBe(false)
    expect(fits('.a != error', { a: 'error' })).toBe(false)
    expect(fits('.a = 0', { a: { b: 0n } })).toBe(false)
  })

  it('takes integers, floats and durations for numbers, exactly', () => {
    expect(fits('.a = 1.0 && .a = 1ns && .a > 0.5 && .a <= 1', { a: 1n })).toBe(true)
    expect(fits('.a = 9007199254740993', { a: 9007199254740993n })).toBe(true)
    expect(fits('.a = 9007199254740992', { a: 9007199254740993n })).toBe(false)
    expect(fits('.a = 1', { a: Number.NaN })).toBe(false)
    expect(fits('.a != 1', { a: Number.NaN })).toBe(true)
  })

  it('orders texts as their bytes in UTF-8', () => {
    expect(fits('.a >= "200" && .a < "300"', { a: '204' })).toBe(true)
    expect(fits('.a > "\uffff"', { a: '\u{1f600}' })).toBe(true)
    expect(fits('.a > "a"', { a: 'ab' })).toBe(true)
  })

  it('of a list asks for one element, with != and !~ for all of them', () => {
    const attributes = { a: ['x', 'y'], n: [1n, 5n], none: [] }
    expect(fits('.a = "y" && .a =~ "x" && .n > 4 && "x" = .a', attributes)).toBe(true)
    expect(fits('.a != "x"', attributes)).toBe(false)
    expect(fits('.a != "z" && .a !~ "z.*"', attributes)).toBe(true)
    expect(fits('.none = "x"', attributes)).toBe(false)
    expect(fits('.none != "x"', attributes)).toBe(true)
    expect(fits('.a = .a', attributes)).toBe(false)
  })

  it('is not met by what is missing, except for = nil; an empty value is missing', () => {
    expect(fits('.a != 1')).toBe(false)
    expect(fits('.a !~ "x"')).toBe(false)
    expect(fits('.a = nil')).toBe(true)
    expect(fits('.a = nil', { a: null })).toBe(true)
    expect(fits('.a != nil', { a: '' })).toBe(true)
    expect(fits('.constructor != nil || .__proto__ != nil')).toBe(false)
    expect(fits('nil = nil')).toBe(false)
  })

  it('that is not true is false: where Tempo ends the query, or loses the other side', () => {
    expect(fits('!.a')).toBe(true)
    expect(fits('!.a', { a: 'text' })).toBe(true)
    expect(fits('!(.a = 1)')).toBe(true)
    expect(fits('.a || true')).toBe(true)
    expect(fits('.a && true', { a: 1n })).toBe(false)
  })

  it('matches regular expressions from end to end, over lines, in linear time', () => {
    expect(fits('.a =~ "b"', { a: 'abc' })).toBe(false)
    expect(fits('.a =~ ".*b.*"', { a: 'a\nb\nc' })).toBe(true)
    expect(fits('.a =~ "x|y"', { a: 'xy' })).toBe(false)
    expect(fits('.a !~ "x|y"', { a: 'xy' })).toBe(true)
    expect(fits('.a =~ `(?i)GET \\d+`', { a: 'get 42' })).toBe(true)
    expect(fits('.a =~ "1"', { a: 1n })).toBe(false)
    // JavaScript's own engine would be at this for longer than anybody lives.
    expect(fits('.a =~ "(a*)*b"', { a: 'a'.repeat(maxMatchedLength) })).toBe(false)
    const tooLong = { a: 'a'.repeat(maxMatchedLength + 1) }
    expect(fits('.a =~ "a*"', tooLong) || fits('.a !~ "b*"', tooLong)).toBe(false)
  })
})

describe('a field', () => {
  it("is the span's, the resource's, or without a scope the first that there is", () => {
    const both = span('both', { attributes: { a: 1n }, resource: { a: 2n } })
    const one = span('one', { resource: { a: 2n } })
    const empty = span('empty', { attributes: { a: null }, resource: { a: 2n } })
    expect(select('{ span.a = 1 }', both, one, empty)).toEqual(['both'])
    expect(select('{ resource.a = 2 }', both, one, empty)).toEqual(['both', 'one', 'empty'])
    expect(select('{ .a = 2 }', both, one, empty)).toEqual(['one', 'empty'])
    expect(select('{ .a = 1 }', both, one, empty)).toEqual(['both'])
  })

  it('resource.service.name is there where the resource has none', () => {
    const unnamed = span('s', { service: 'unknown_service', resource: {} })
    expect(select('{ resource.service.name = "unknown_service" }', unnamed)).toEqual(['s'])
    expect(select('{ .service.name = "unknown_service" }', unnamed)).toEqual(['s'])
    expect(select('{ span.service.name != nil }', unnamed)).toEqual([])
  })

  it('of events and links fits when one of them does', () => {
    const event = (name: string, attributes: Attributes, time = 1_500n) => ({
      name,
      attributes,
      time,
    })
    const events = [event('exception', { type: 'A' }), event('retry', { type: 'B' }, 1_000n)]
    const link = {
      traceId: 'ab'.padStart(32, '0'),
      spanId: 'cd'.padStart(16, '0'),
      attributes: { why: 'x' },
    }
    const s = span('s', { events, links: [link] })
    const plain = span('plain')
    expect(select('{ event:name = "exception" && event.type = "B" }', s, plain)).toEqual(['s'])
    expect(select('{ event:name != "exception" }', s, plain)).toEqual(['s'])
    expect(select('{ event:name != nil }', s, plain)).toEqual(['s'])
    expect(select('{ event.type = nil }', s, plain)).toEqual(['plain'])
    expect(select('{ event:timeSinceStart >= 500ns }', s, plain)).toEqual(['s'])
    expect(select('{ link:traceID = "AB" && link:spanID = "cd" && link.why = "x" }', s)).toEqual([
      's',
    ])
  })

  it('may be any of the properties of spans and traces', () => {
    const root = span('a1', {
      start: 0n,
      end: 5_000_000n,
      kind: 'server',
      service: 'web',
      name: 'GET /',
    })
    const child = span('b2', {
      parentSpanId: 'a1',
      start: 1_000_000n,
      end: 3_000_000n,
      status: { code: 'error', message: 'no' },
    })
    const at = (condition: string) => select(`{ ${condition} }`, root, child)
    expect(at('duration = 2ms && status = error && statusMessage = "no"')).toEqual(['b2'])
    expect(at('kind = server && span:childCount = 1')).toEqual(['a1'])
    expect(at('kind = unspecified')).toEqual([])
    expect(at('span:parentID = ""')).toEqual(['a1'])
    expect(at('trace:rootName = "GET /" && trace:rootService = "web"')).toHaveLength(2)
    expect(at('trace:duration = 4ms')).toHaveLength(2)
    expect(at('trace:id = "4BF92F3577b34da6a3ce929d0e0e4736"')).toHaveLength(2)
    expect(at('instrumentation:name = "lib" && instrumentation:version = "1.2"')).toHaveLength(2)
    expect(at('name = span:id')).toEqual(['b2'])
    expect(select('{ trace:rootName != "x" }', child)).toEqual([])
  })
})

describe('structure', () => {
  //  root > a > c > e,  root > b,  orphan without its parent
  const spans = [
    span('root'),
    span('a', { parentSpanId: 'root' }),
    span('b', { parentSpanId: 'root' }),
    span('c', { parentSpanId: 'a' }),
    span('e', { parentSpanId: 'c' }),
    span('orphan', { parentSpanId: 'gone' }),
  ]
  const named = (operator: string, left: string, right = '') => {
    const filter = (name: string) => (name === '' ? '{}' : `{ name = "${name}" }`)
    return select(`${filter(left)} ${operator} ${filter(right)}`, ...spans)
  }

  it('selects on the right what is child, descendant, parent, ancestor or sibling', () => {
    expect(named('>', 'root')).toEqual(['a', 'b'])
    expect(named('>>', 'a')).toEqual(['c', 'e'])
    expect(named('<', 'c')).toEqual(['a'])
    expect(named('<<', 'e')).toEqual(['root', 'a', 'c'])
    expect(named('~', 'a')).toEqual(['b'])
    expect(named('>', 'orphan')).toEqual([])
    expect(named('~', 'root')).toEqual([])
  })

  it('selects what is not, with !', () => {
    expect(named('!<', '')).toEqual(['b', 'e', 'orphan'])
    expect(named('!>', '')).toEqual(['root', 'orphan'])
    expect(named('!>>', 'a')).toEqual(['root', 'a', 'b', 'orphan'])
    expect(named('!~', 'nobody', 'a')).toEqual(['a'])
  })

  it('selects both sides, with &', () => {
    expect(named('&>', 'a')).toEqual(['a', 'c'])
    expect(named('&>>', '', 'e')).toEqual(['root', 'a', 'c', 'e'])
    expect(named('&~', 'a')).toEqual(['a', 'b'])
    expect(named('&<', 'orphan')).toEqual([])
  })

  it('is of the whole trace, also between what a stage before let through', () => {
    expect(select('{ name =~ "root|e" } | {} >> {}', ...spans)).toEqual(['e'])
    expect(select('{} > {} > {} > {}', ...spans)).toEqual(['e'])
  })

  it('of a loop is walked once, and a span of it descends from itself', () => {
    const loop = [span('x', { parentSpanId: 'y' }), span('y', { parentSpanId: 'x' })]
    expect(select('{ name = "x" } >> {}', ...loop)).toEqual(['x', 'y'])
    expect(select('{ name = "x" } << {}', ...loop)).toEqual(['x', 'y'])
  })

  it('holds for a hundred thousand spans below each other', () => {
    const chain = Array.from({ length: 100_000 }, (_, i) =>
      span(`${i}`, i === 0 ? {} : { parentSpanId: `${i - 1}` }),
    )
    expect(select('{ name = "0" } >> { span:childCount = 0 }', ...chain)).toEqual(['99999'])
  })
})

describe('sets of spans', () => {
  const spans = [
    span('a', { attributes: { bytes: 1n }, end: 1_010n }),
    span('b', { attributes: { bytes: 2.5 }, end: 1_020n }),
    span('c', { attributes: { bytes: 'many' }, end: 1_060n }),
  ]
  const found = (query: string) => select(query, ...spans).join('')

  it('are joined: && needs both sides, || one', () => {
    expect(found('{ name = "a" } && { name = "c" }')).toBe('ac')
    expect(found('{ name = "a" } && { name = "z" }')).toBe('')
    expect(found('{ name = "a" } || { name = "z" }')).toBe('a')
  })

  it('are counted and summed up; what is no number is left out', () => {
    expect(found('count() = 3')).toBe('abc')
    expect(found('{ name != "a" } | count() > 2')).toBe('')
    expect(found('{ name != "a" } | count() <= 2')).toBe('bc')
    expect(found('{ name = "z" } | count() = 0')).toBe('')
    expect(found('{} | sum(span.bytes) = 3.5')).toBe('abc')
    expect(found('{} | avg(span.bytes) = 1.75')).toBe('abc')
    expect(found('{} | max(duration) = 60ns | { name = "a" }')).toBe('a')
    expect(found('{ name = "a" } | min(duration) > 10ns')).toBe('')
    expect(found('{ name = "c" } | max(span.bytes) > 0')).toBe('')
    expect(found('avg(duration) = 30ns')).toBe('abc')
  })
})
