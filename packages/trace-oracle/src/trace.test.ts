import { expect, test } from 'vitest'
import { type Told, traceOf } from './trace.test-support.ts'

const told: Told[] = [
  { id: 'ff', parent: '', name: 'buy', service: 'playwright', from: -1, to: 200 },
  { id: '1', name: 'GET http://localhost:4711/cart', kind: 3, service: 'page', from: 0, to: 100 },
  { id: '2', parent: '1', name: '/cart', kind: 2, from: 10, to: 90 },
  { id: '3', parent: '2', name: 'b', from: 20, to: 40 },
  { id: '4', parent: '2', name: 'a', from: 30, to: 50 },
  { id: '5', parent: '2', name: 'then', from: 60, to: 70, error: 'no' },
]

test('the shape has no ids, times and ports, and no order that is chance', () => {
  const shape = `
GET http://localhost/cart [page client]
  /cart [shop server]
    a [shop internal]
    b [shop internal]
    then [shop internal] ERROR
`.trim()
  expect(traceOf(told).shape()).toBe(shape)
  const other = told.map((span) => (span.id === '4' ? { ...span, from: 15 } : span))
  expect(traceOf(other.toReversed()).shape()).toBe(shape)
  expect(traceOf(told, { kind: 'incomplete', missing: ['x'] }).shape()).toBe(`INCOMPLETE\n${shape}`)
})

test('the shape is the same whichever of two short calls looks like the first', () => {
  const call = (id: string, name: string, from: number, below: string) => [
    { id, name, from, to: from + 1 },
    { id: `${id}0`, parent: id, name: below, from, to: from + 1 },
  ]
  const shape = (first: string, second: string, apart: number) =>
    traceOf([...call('1', 'call', 0, first), ...call('2', 'call', apart, second)]).shape()
  const expected = 'call\n  a\ncall\n  b'.replaceAll(/$/gm, ' [shop internal]')
  for (const apart of [0.4, 1, 1.6]) {
    expect(shape('a', 'b', apart)).toBe(expected)
    expect(shape('b', 'a', apart)).toBe(expected)
  }
})

test.each([
  [
    'load 0af7651916cd43dd8448eb211c80319c of 123e4567-e89b-12d3-a456-426614174000',
    'load <id> of <id>',
  ],
  ['GET http://localhost:4711/cart', 'GET http://localhost/cart'],
  ['GET localhost:40123', 'GET localhost'],
  ['GET 127.0.0.1:40123/cart', 'GET 127.0.0.1/cart'],
  ['dial (shop.example:443)', 'dial (shop.example)'],
  ['connect redis:6379', 'connect redis'],
  ['connect [::1]:6379', 'connect [::1]'],
  ['cart was loaded, took 12ms', 'cart was loaded, took <time>'],
  ['cart was loaded in 1.25 s', 'cart was loaded in <time>'],
  ['GET /v2/items:42', 'GET /v2/items:42'],
  ['at 12:30', 'at 12:30'],
  ['the 1st of 2 steps, S3', 'the 1st of 2 steps, S3'],
])('what differs from one time to the next is not in the shape: %s', (name, expected) => {
  expect(traceOf([{ id: '1', name }]).shape()).toBe(`${expected} [shop internal]`)
})

test('the test itself is no part of it', () => {
  const trace = traceOf(told)
  expect(trace.spans).toHaveLength(5)
  expect(trace.roots.map(({ span }) => span?.name)).toEqual(['GET http://localhost:4711/cart'])
  expect(trace.durationMs).toBe(100)
  expect(trace.otlp.resourceSpans).toHaveLength(6)
})

test('a span is found, or it is said where it was looked for', () => {
  const trace = traceOf(told)
  expect(trace.find({ name: /^th/ }).status.message).toBe('no')
  expect(trace.all({ name: /./, service: 'shop' })).toHaveLength(4)
  expect(() => trace.find({ name: 'x' })).toThrow(/no span x in http:.*\n.*\[page client\]/)
})

test('the waterfall is one picture, whatever the spans are called', () => {
  const svg = traceOf([...told, { id: '6', name: '</text><script>"&\u0000' }]).svg()
  expect(svg).toMatch(/^<svg xmlns=/)
  expect(svg.match(/<rect x=/g)).toHaveLength(7)
  expect(svg).toContain('&#60;/text&#62;&#60;script&#62;&#34;&#38;?')
  expect(svg).not.toContain('<script>')
})

test('the picture shows what the doctor found, at the span and in words', () => {
  const named = traceOf([{ id: '1', name: 'GET /users/4711-0815-4242', service: '' }])
  expect(named.findings.map(({ rule }) => rule)).toContain('unknown-service')
  expect(named.svg().match(/▲/g)).toHaveLength(1 + named.findings.length)
  expect(named.svg()).toContain('warning unknown-service: A process sends spans')
})

test('no spans, lost parents and chains of thousands are traces too', () => {
  expect(traceOf([]).shape()).toBe('')
  expect(traceOf([]).durationMs).toBe(0)
  expect(traceOf([]).svg()).toContain('<svg')
  expect(traceOf([{ id: '2', parent: '1', name: 'lost' }]).shape()).toBe(
    '(a span that is not there)\n  lost [shop internal]',
  )
  const chain = Array.from({ length: 2_000 }, (_, n) => ({
    id: (n + 1_000).toString(16),
    ...(n > 0 && { parent: (n + 999).toString(16) }),
    name: 'link',
  }))
  expect(traceOf(chain).shape().split('\n')).toHaveLength(2_000)
  expect(traceOf(chain).svg()).toContain('link')
})
