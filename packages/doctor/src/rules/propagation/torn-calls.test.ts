import type { Span } from '@pingtrace/otlp'
import { at, makeSpan } from '@pingtrace/otlp/test-support'
import { describe, expect, test } from 'vitest'
import { type DiagnoseOptions, diagnose } from '../../index.ts'

const url = 'http://localhost:8081/ping'
const other = 'ffffffffffffffffffffffffffffffff'

const client = (known: Partial<Span> = {}) =>
  makeSpan({
    spanId: 'c1',
    service: 'web',
    kind: 'client',
    end: at(100),
    attributes: {
      'http.request.method': 'GET',
      'url.full': url,
      'http.response.status_code': 200n,
    },
    ...known,
  })
const server = (known: Partial<Span> = {}) =>
  makeSpan({
    spanId: 's1',
    traceId: other,
    kind: 'server',
    start: at(20),
    end: at(80),
    ...known,
    attributes: {
      'http.request.method': 'GET',
      'url.path': '/ping',
      'server.address': '127.0.0.1',
      'server.port': 8081n,
      'http.response.status_code': 200n,
      ...known.attributes,
    },
  })
const absent = { 'propagation.extraction': 'absent' }
const say = (spans: Span[], options: DiagnoseOptions = {}) =>
  diagnose(spans, options).map(({ rule, certainty }) => `${rule} ${certainty}`)

describe('the halves of a call', () => {
  test('it is certain when the server says why, and both fit each other alone', () => {
    const half = server({ attributes: absent })
    const [finding] = diagnose([client()], { elsewhere: [half] })
    expect(finding).toMatchObject({
      rule: 'header-absent',
      certainty: 'certain',
      severity: 'error',
      span: { spanId: 'c1', service: 'web' },
      candidates: [{ spanId: 's1', traceId: other }],
      evidence: {
        request: 'GET /ping',
        'server began after the client': '20 ms',
        'propagation.extraction': 'absent',
      },
      link: 'docs/doctor.md#header-absent',
    })
    expect(say([half], { elsewhere: [client()] })).toEqual(['header-absent certain'])
  })

  test('it is likely when the server does not say why', () => {
    expect(say([client()], { elsewhere: [server()] })).toEqual(['header-absent likely'])
  })

  test('it is likely when two servers fit, and the nearer one is named first', () => {
    const later = server({
      spanId: 's2',
      traceId: 'e'.repeat(32),
      start: at(50),
      attributes: absent,
    })
    const elsewhere = [later, server({ attributes: absent })]
    expect(say([client()], { elsewhere })).toEqual(['header-absent likely'])
    const [finding] = diagnose([client()], { elsewhere })
    expect(finding?.candidates.map(({ spanId }) => spanId)).toEqual(['s1', 's2'])
  })

  test('it is likely when another caller fits as well', () => {
    const rival = client({ spanId: 'c2', traceId: 'd'.repeat(32) })
    const elsewhere = [server({ attributes: absent }), rival]
    expect(say([client()], { elsewhere })).toEqual(['header-absent likely'])
  })

  test.each<[string, Partial<Span>]>([
    ['method', { attributes: { 'http.request.method': 'POST' } }],
    ['path', { attributes: { 'url.path': '/pong' } }],
    ['status', { attributes: { 'http.response.status_code': 503n } }],
    ['port', { attributes: { 'server.port': 9999n } }],
    ['kind', { kind: 'internal' }],
    ['time, too early', { start: at(-101), end: at(-50) }],
    ['time, too late', { start: at(201), end: at(210) }],
  ])('another %s is another call', (_, known) => {
    const half = server({ ...known, attributes: { ...absent, ...known.attributes } })
    expect(
      say([client()], { elsewhere: [half] }).filter((said) => said.startsWith('header')),
    ).toEqual([])
  })

  test('a header that names the trace joins them across any clock', () => {
    const half = server({
      start: at(3_600_000),
      end: at(3_600_010),
      attributes: {
        'propagation.extraction': 'malformed',
        'propagation.traceparent': `00-${client().traceId}-00f067aa0ba902b7`,
      },
    })
    expect(say([client()], { elsewhere: [half] })).toEqual(['header-malformed certain'])
  })

  test('a call that is answered within its trace is nobody else’s', () => {
    const answer = server({ traceId: client().traceId, parentSpanId: 'c1' })
    const stranger = server({ spanId: 's2', attributes: absent })
    expect(say([client(), answer], { elsewhere: [stranger] })).toEqual([])
  })

  test('a root that no call fits is no finding', () => {
    expect(say([server({ attributes: absent })])).toEqual([])
  })

  test('while spans may be under way only what is certain is said', () => {
    const arrival = { now: 5_000, last: 4_000 }
    const certain = { elsewhere: [server({ attributes: absent })], arrival }
    expect(say([client()], certain)).toEqual(['header-absent certain'])
    expect(say([client()], { elsewhere: [server()], arrival })).toEqual([])
    const over = { now: 14_000, last: 4_000 }
    expect(say([client()], { elsewhere: [server()], arrival: over })).toEqual([
      'header-absent likely',
    ])
  })
})

describe('a call without its other half', () => {
  const services = [{ name: 'api', addresses: ['127.0.0.1:8081'] }]

  test('is missing only of services that are known', () => {
    expect(say([client()])).toEqual([])
    expect(say([client()], { services })).toEqual(['server-span-missing likely'])
    expect(say([client()], { services: [{ name: 'api' }] })).toEqual([])
  })

  test('is known by its host’s name as well, as in a container network', () => {
    const call = client({ attributes: { ...client().attributes, 'url.full': 'http://api:8080/x' } })
    expect(say([call], { services: [{ name: 'api' }] })).toEqual(['server-span-missing likely'])
  })

  test.each(['/healthz', '/metrics', '/favicon.ico'])('is not missed on %s', (path) => {
    const attributes = { ...client().attributes, 'url.full': `http://localhost:8081${path}` }
    expect(say([client({ attributes })], { services })).toEqual([])
  })

  test('is not missed where a database or a broker was called', () => {
    for (const extra of [{ 'db.system.name': 'redis' }, { 'messaging.system.name': 'kafka' }]) {
      const attributes = { ...client().attributes, ...extra }
      expect(say([client({ attributes })], { services })).toEqual([])
    }
  })

  test('may have been refused by the preflight, if a page called', () => {
    const failed = client({
      status: { code: 'error', message: 'Failed to fetch' },
      attributes: { 'http.request.method': 'GET', 'url.full': url, 'error.type': 'TypeError' },
    })
    const inPage = { ...failed, resource: { 'service.name': 'web', 'browser.language': 'en' } }
    expect(say([inPage], { services })).toEqual(['preflight-refused likely'])
    expect(say([failed], { services })).toEqual([])
    expect(say([inPage])).toEqual([])
  })
})

test('a path that is not traced is one finding, however often it is called', () => {
  const calls = Array.from({ length: 30 }, (_, n) =>
    client({ spanId: `c${n}`, parentSpanId: n === 0 ? undefined : 'root' }),
  )
  const root = makeSpan({ spanId: 'root', service: 'web', end: at(200) })
  const found = diagnose([root, ...calls.slice(1)], {
    services: [{ name: 'api', addresses: ['localhost:8081'] }],
  })
  expect(found.map(({ rule, evidence }) => [rule, evidence.calls])).toEqual([
    ['server-span-missing', '29'],
  ])
})

test('thousands of halves that fit each other are looked at in part', () => {
  const attributes = { 'http.request.method': 'GET', 'url.path': '/ping' }
  const ids = Array.from({ length: 3_000 }, (_, i) => `${i}`)
  const clients = ids.map((spanId) =>
    makeSpan({ spanId, kind: 'client', service: 'web', attributes }),
  )
  const elsewhere = ids.map((spanId) =>
    makeSpan({ spanId, traceId: 'f'.repeat(32), kind: 'server', attributes }),
  )
  const torn = diagnose(clients, { elsewhere }).filter(({ rule }) => rule.startsWith('header-'))
  expect(torn.length).toBeGreaterThan(0)
  expect(torn.length).toBeLessThan(ids.length)
})
