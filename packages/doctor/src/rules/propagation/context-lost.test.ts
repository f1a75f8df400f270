import type { Span } from '@pingtrace/otlp'
import { at, makeSpan } from '@pingtrace/otlp/test-support'
import { describe, expect, test } from 'vitest'
import { type DiagnoseOptions, diagnose } from '../../index.ts'

test('of thousands of empty blocks beside thousands of spans the first are looked at', () => {
  const root = makeSpan({ spanId: 'root', end: at(20) })
  const siblings = Array.from({ length: 4_000 }, (_, i) =>
    makeSpan({
      spanId: `${i}`,
      parentSpanId: 'root',
      kind: i % 2 === 0 ? 'internal' : 'client',
      start: at((i % 2) * 1.1),
      end: at(13 - (i % 2) / 10),
    }),
  )
  const found = diagnose([root, ...siblings]).filter(({ rule }) => rule === 'context-lost')
  expect(found.length).toBeGreaterThan(0)
  expect(found.length).toBeLessThan(2_000)
})

const say = (spans: Span[], options: DiagnoseOptions = {}) =>
  diagnose(spans, options).map(({ rule, span }) => `${rule} ${span.spanId}`)
const own = { traceId: 'f'.repeat(32), parentSpanId: undefined }
const root = makeSpan({ spanId: 'r', name: 'click', end: at(200) })
const block = makeSpan({ spanId: 'b', parentSpanId: 'r', name: 'load order', end: at(190) })
const call = (from: number, to: number, known: Partial<Span> = {}) =>
  makeSpan({
    spanId: 'w',
    parentSpanId: 'r',
    kind: 'client',
    name: 'GET',
    start: at(from),
    end: at(to),
    ...known,
  })
const first = call(2, 80, { spanId: 'c', parentSpanId: 'b' })

describe('a block that loses its context after its first call', () => {
  test('has the next one beside it, or in a trace of its own', () => {
    expect(say([root, block, first, call(83, 186)])).toEqual(['context-lost b'])
    expect(say([root, block, first], { elsewhere: [call(83, 186, own)] })).toEqual([
      'context-lost b',
    ])
  })

  test.each<[string, Span]>([
    ['began before its own was over', call(60, 186)],
    ['goes on after it', call(83, 191)],
    ['leaves much of it open', call(83, 120)],
    ['is no call', call(83, 186, { kind: 'internal' })],
    ['is of another process', call(83, 186, { resource: { 'service.name': 'b' } })],
  ])('is not thought to when what is beside it %s', (_, beside) => {
    expect(say([root, block, first, beside])).toEqual([])
  })
})

describe('a request whose handler loses its context', () => {
  const request = makeSpan({ spanId: 's', kind: 'server', name: 'GET /o', end: at(80) })

  test.each<[string, Span, boolean]>([
    ['a call for half of its time', call(5, 50, own), true],
    ['a call for less', call(5, 40, own), false],
    ['work for nearly all of it', call(2, 76, { ...own, kind: 'internal' }), true],
    ['work for half of it', call(5, 50, { ...own, kind: 'internal' }), false],
    ['an entry', call(2, 76, { ...own, kind: 'server' }), false],
    ['of another process', call(5, 50, { ...own, resource: { 'service.name': 'b' } }), false],
  ])('%s in a trace of its own', (_, lost, isFound) => {
    expect(say([request], { elsewhere: [lost] })).toEqual(isFound ? ['context-lost s'] : [])
  })
})

describe('steps that run side by side', () => {
  test('are alike, and nobody’s work', () => {
    const steps = ['rank_by_history', 'rank_by_similarity', 'rank_by_popularity'].map((name, n) =>
      makeSpan({
        spanId: name,
        parentSpanId: 'r',
        name,
        start: at(5 + n / 10),
        end: at(105 - 3 * n),
      }),
    )
    expect(say([root, ...steps])).toEqual([])
  })

  test('begin together: a call beside a step is its own', () => {
    const render = { ...block, name: 'render' }
    expect(say([root, render, call(0.2, 185)])).toEqual([])
    expect(say([root, render, call(5, 185)])).toEqual(['context-lost b'])
  })
})

test('a quick call is the work of its block, although starting it took more than a tenth', () => {
  const block = makeSpan({ spanId: 'block', name: 'ping clicked', start: at(0), end: at(5) })
  const call = { spanId: 'call', traceId: '2'.repeat(32), name: 'client operation' } as const
  const found = diagnose([block], {
    elsewhere: [makeSpan({ ...call, kind: 'client', start: at(0.6), end: at(4.9) })],
  })
  expect(found.map(({ rule }) => rule)).toContain('context-lost')
})
