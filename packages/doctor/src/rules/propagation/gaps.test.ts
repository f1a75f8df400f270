import type { Span } from '@pingtrace/otlp'
import { at, makeSpan } from '@pingtrace/otlp/test-support'
import { describe, expect, test } from 'vitest'
import { type DiagnoseOptions, diagnose, looseEnds } from '../../index.ts'

const say = (spans: Span[], options: DiagnoseOptions = {}) =>
  diagnose(spans, options).map(({ rule, certainty }) => `${rule} ${certainty}`)

describe('a parent that is not there', () => {
  const orphans = [
    makeSpan({ spanId: 'a', parentSpanId: 'gone', kind: 'server', flags: 0x301 }),
    makeSpan({ spanId: 'b', parentSpanId: 'gone', kind: 'server', flags: 0x301, start: at(1) }),
  ]

  test('is one finding, however many children it has', () => {
    const [finding, ...others] = diagnose(orphans)
    expect(others).toEqual([])
    expect(finding).toMatchObject({
      rule: 'parent-missing',
      span: { spanId: 'a' },
      candidates: [{ spanId: 'b' }],
      evidence: { parentSpanId: 'gone', children: '2', 'parent was in': 'another process' },
    })
  })

  test('was in the same process where the flags say so', () => {
    const [finding] = diagnose([makeSpan({ spanId: 'a', parentSpanId: 'gone', flags: 0x101 })])
    expect(finding?.evidence['parent was in']).toBe('the same process (api)')
  })

  test('may come within the window, by the collector’s clock alone', () => {
    expect(say(orphans, { arrival: { now: 19_999, last: 10_000 } })).toEqual([
      'not-yet-arrived likely',
    ])
    expect(say(orphans, { arrival: { now: 20_000, last: 10_000 } })).toEqual([
      'parent-missing certain',
    ])
    const arrival = { now: 10_100, last: 10_000, windowMs: 50 }
    expect(say(orphans, { arrival })).toEqual(['parent-missing certain'])
  })

  test('may have been in what the collector has refused at that time', () => {
    const ingest = [
      {
        kind: 'preflight' as const,
        time: 11_000,
        origin: 'http://localhost:3000',
        reason: 'origin not allowed',
      },
    ]
    const [finding] = diagnose(orphans, { arrival: { now: 60_000, last: 10_000 }, ingest })
    expect(finding?.evidence['refused by the collector']).toBe(
      'http://localhost:3000: origin not allowed',
    )
    expect(finding?.cause).toContain('Or it was in a request')
    const [later] = diagnose(orphans, { arrival: { now: 90_000, last: 40_000 }, ingest })
    expect(later?.evidence).not.toHaveProperty('refused by the collector')
  })
})

describe('spans that should nest', () => {
  const root = makeSpan({ spanId: 'r', kind: 'server', end: at(200) })
  const block = makeSpan({
    spanId: 'b',
    parentSpanId: 'r',
    name: 'redis_integration',
    start: at(10),
    end: at(110),
  })
  const work = (from: number, to: number, known: Partial<Span> = {}) =>
    makeSpan({
      spanId: 'w',
      parentSpanId: 'r',
      name: 'server redis operation',
      kind: 'client',
      start: at(from),
      end: at(to),
      ...known,
    })

  test.each<[string, Span, boolean]>([
    ['half of the block, a word in common', work(20, 70), true],
    ['less than half', work(20, 60), false],
    ['half, no word in common', work(20, 70, { name: 'other' }), false],
    ['nine tenths, no word in common', work(15, 105, { name: 'other' }), true],
    ['beyond its end', work(20, 111), false],
    ['of another process', work(20, 70, { resource: { 'service.name': 'b' } }), false],
    ['below the block', work(20, 70, { parentSpanId: 'b' }), false],
  ])('%s', (_, span, isFound) => {
    expect(say([root, block, span])).toEqual(isFound ? ['context-lost likely'] : [])
  })

  test('may be in a trace of their own', () => {
    const lost = work(20, 70, { traceId: 'f'.repeat(32), parentSpanId: undefined })
    const [finding] = diagnose([root, block], { elsewhere: [lost] })
    expect(finding).toMatchObject({
      rule: 'context-lost',
      candidates: [{ traceId: 'f'.repeat(32) }],
    })
    expect(finding?.problem).toContain('began a trace of its own')
  })

  test('may have called another process since, and been dated a little later', () => {
    const traceId = 'f'.repeat(32)
    const lost = work(20, 110.5, { traceId, parentSpanId: undefined })
    const answer = makeSpan({
      traceId,
      spanId: 's',
      parentSpanId: 'w',
      kind: 'server',
      service: 'redis',
      start: at(21),
      end: at(69),
    })
    const elsewhere = looseEnds([root, block, lost, answer])
    expect(say([root, block], { elsewhere })).toEqual(['context-lost likely'])
  })
})

test('two spans without a parent are several roots', () => {
  const [finding] = diagnose([makeSpan({ spanId: 'a' }), makeSpan({ spanId: 'b', start: at(1) })])
  expect(finding).toMatchObject({
    rule: 'several-roots',
    span: { spanId: 'a' },
    candidates: [{ spanId: 'b' }],
  })
})
