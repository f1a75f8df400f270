import type { Span } from '@pingtrace/otlp'
import { at, makeSpan } from '@pingtrace/otlp/test-support'
import { describe, expect, test } from 'vitest'
import { diagnose } from '../../index.ts'

const say = (...spans: Span[]) =>
  diagnose(spans).map(({ rule, severity, certainty }) => `${rule} ${severity} ${certainty}`)

describe('two clocks', () => {
  const answered = { 'http.response.status_code': 200n }
  const call = (known: Partial<Span> = {}) =>
    makeSpan({
      spanId: 'c',
      service: 'web',
      kind: 'client',
      end: at(100),
      attributes: answered,
      ...known,
    })
  const answer = (start: number, end: number, known: Partial<Span> = {}) =>
    makeSpan({
      spanId: 's',
      parentSpanId: 'c',
      kind: 'server',
      start: at(start),
      end: at(end),
      ...known,
    })

  test.each([
    ['2 ms before it was sent', -2],
    ['2 ms after the answer', 102],
  ])('%s is rounding', (_, start) => {
    expect(say(call(), answer(start, start + 5))).toEqual([])
  })

  test('the offset is given with its bound', () => {
    const [finding] = diagnose([call(), answer(-300, -290)])
    expect(finding).toMatchObject({
      rule: 'clock-skew',
      certainty: 'certain',
      span: { spanId: 's' },
      candidates: [{ spanId: 'c' }],
      evidence: { offset: '-350 ms', 'off by at most': '50 ms' },
    })
    expect(finding?.problem).toContain('clock of api is behind that of web by at least 300 ms')
  })

  test('several calls narrow it down', () => {
    const short = call({ spanId: 'c2', parentSpanId: 'c', end: at(10) })
    const second = answer(-310, -305, { spanId: 's2', parentSpanId: 'c2' })
    const [finding, ...others] = diagnose([call(), answer(-300, -290), short, second])
    expect(finding?.evidence).toMatchObject({
      offset: '-315 ms',
      'off by at most': '5 ms',
      calls: '2',
    })
    expect(others).toEqual([])
  })

  test('the network’s times of a page narrow it down further', () => {
    const events = [
      { name: 'requestStart', time: at(40), attributes: {} },
      { name: 'responseStart', time: at(60), attributes: {} },
    ]
    expect(say(call(), answer(30, 35))).toEqual([])
    expect(say(call({ events }), answer(30, 35))).toEqual(['clock-skew info certain'])
    expect(say(call({ events }), answer(45, 300))).toEqual([])
  })

  test('a call that nobody waited for says nothing of the end', () => {
    expect(say(call({ attributes: {} }), answer(150, 160))).toEqual([])
    expect(say(call({ attributes: {} }), answer(-150, -140))).toEqual([
      'clock-skew warning certain',
    ])
  })

  test('bounds that exclude each other are no offset', () => {
    const other = call({ spanId: 'c2', start: at(200), end: at(300), parentSpanId: 'c' })
    const second = answer(500, 510, { spanId: 's2', parentSpanId: 'c2' })
    expect(
      say(call(), answer(-300, -290), other, second).filter((said) => said.startsWith('clock')),
    ).toEqual([])
  })

  test('a SERVER span after the answer is certain only where it gave that answer', () => {
    expect(say(call(), answer(150, 160, { attributes: answered }))).toEqual([
      'clock-skew warning certain',
    ])
    expect(say(call(), answer(150, 160))).toEqual(['clock-skew warning likely'])
    expect(say(call(), answer(150, 300, { attributes: answered }))).toEqual([
      'clock-skew warning likely',
    ])
  })

  test.each<[string, Partial<Span>, Partial<Span>]>([
    ['accepted', { attributes: { 'http.response.status_code': 202n } }, {}],
    ['a function that is invoked', {}, { attributes: { 'faas.trigger': 'other' } }],
    [
      'sent through a queue',
      { attributes: { ...answered, 'messaging.system.name': 'aws_sqs' } },
      {},
    ],
  ])('work that was only %s may come whenever', (_, caller, worker) => {
    expect(say(call(caller), answer(450, 900, worker))).toEqual([])
  })

  test('a page that continues its server’s trace has begun before it', () => {
    const server = answer(40, 70, { parentSpanId: undefined })
    const load = makeSpan({
      spanId: 'd',
      name: 'documentLoad',
      parentSpanId: 's',
      service: 'web',
      flags: 0x301,
      end: at(900),
    })
    expect(say(server, load)).toEqual([])
  })

  test('a message is not taken up before it was sent, but may be waited for', () => {
    const producer = call({ kind: 'producer' })
    const consumer = (operation: string) =>
      answer(-300, 200, {
        kind: 'consumer',
        attributes: { 'messaging.operation.type': operation },
      })
    expect(say(producer, consumer('process'))).toEqual(['clock-skew warning certain'])
    expect(say(producer, consumer('receive'))).toEqual([])
  })

  test('a page that is far behind has slept', () => {
    const page = { 'service.name': 'web', 'telemetry.sdk.language': 'webjs' }
    const [finding] = diagnose([call({ resource: page }), answer(3_600_020, 3_600_030)])
    expect(finding?.cause).toContain('while a laptop sleeps')
  })
})

describe('one clock', () => {
  const parent = makeSpan({ spanId: 'p', end: at(100) })
  const child = (start: number, end: number, known: Partial<Span> = {}) =>
    makeSpan({ spanId: 'k', parentSpanId: 'p', start: at(start), end: at(end), ...known })

  test.each<[string, number, number, string[]]>([
    ['within', 0, 100, []],
    ['2 ms early', -2, 50, []],
    ['2.1 ms early', -2.1, 50, ['child-outside-parent warning certain']],
    ['a second early', -1_000, -950, ['clock-jump warning likely']],
    ['2 ms late', 10, 102, []],
    ['a little late', 10, 104, ['child-outside-parent info likely']],
    ['long after', 90, 500, []],
    ['altogether after', 150, 160, []],
  ])('a child %s', (_, start, end, expected) => {
    expect(say(parent, child(start, end))).toEqual(expected)
  })

  test('a page that slept goes on hours after all was over', () => {
    const resource = { 'service.name': 'api', 'browser.language': 'en' }
    const page = { ...parent, resource }
    const before = child(10, 90, { resource })
    const after = child(10_800_500, 10_800_590, { spanId: 'l', resource })
    expect(say(page, before, after)).toEqual(['clock-jump warning likely'])
    expect(say(parent, child(10, 90), child(10_800_500, 10_800_590, { spanId: 'l' }))).toEqual([])
    const soon = child(60_000, 60_100, { spanId: 'l', resource })
    expect(say(page, before, soon)).toEqual([])
  })

  test('is not asked of another process, nor of a remote parent', () => {
    const elsewhere = { resource: { 'service.name': 'api', 'service.instance.id': '2' } }
    expect(say(parent, child(-50, 10, elsewhere))).toEqual([])
    expect(say(parent, child(-50, 10, { flags: 0x301 }))).not.toContain(
      'child-outside-parent warning certain',
    )
  })

  test('messages may be taken up whenever', () => {
    expect(say(parent, child(10, 104, { kind: 'producer' }))).toEqual([])
  })

  test('a span that ends before it starts has one finding', () => {
    expect(say(makeSpan({ spanId: 'p', end: at(-5) }))).toEqual(['clock-jump warning certain'])
  })

  test('events of a page are held to their span, those of others less so', () => {
    const events = [{ name: 'fetchStart', time: at(105), attributes: {} }]
    expect(say(makeSpan({ spanId: 'p', end: at(100), events }))).toEqual([])
    const resource = { 'service.name': 'api', 'browser.language': 'en' }
    expect(say(makeSpan({ spanId: 'p', end: at(100), events, resource }))).toEqual([
      'clock-jump info likely',
    ])
  })
})
