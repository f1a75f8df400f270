import type { Attributes, Span } from '@pingtrace/otlp'
import { at, makeSpan } from '@pingtrace/otlp/test-support'
import { describe, expect, test } from 'vitest'
import { diagnose } from '../../index.ts'
import { nearestName } from './nearest-name.ts'

const rulesOf = (...spans: Span[]) => diagnose(spans).map(({ rule }) => rule)
const withName = (name: string, known: Partial<Span> = {}) =>
  makeSpan({ spanId: 'a', name, ...known })
const withAttributes = (attributes: Attributes, known: Partial<Span> = {}) =>
  makeSpan({ spanId: 'a', attributes, ...known })

describe('names', () => {
  test.each([
    ['GET /users/42', true],
    ['GET /users/42/orders', true],
    ['GET /v2/users', false],
    ['GET /users/{id}', false],
    ['GET /errors/404.html', false],
    ['HTTP 500', false],
    ['job 123456', true],
    ['version 10.12.2026', false],
    ['cache deadbeefdeadbeef01', true],
    ['decode base64 sha256', false],
    ['https://a.example/x', true],
    ['https', false],
    ['SELECT * FROM t WHERE id = 7', true],
    ['SELECT * FROM t WHERE id = ?', false],
    ['where are my values', false],
  ])('%s: a value in it is %s', (name, has) => {
    expect(rulesOf(withName(name)).includes('high-cardinality-name')).toBe(has)
  })

  test('a hundred of them are one finding', () => {
    const spans = Array.from({ length: 100 }, (_, n) =>
      makeSpan({
        spanId: `s${n}`,
        parentSpanId: n === 0 ? undefined : 's0',
        name: `GET /users/${n}`,
      }),
    )
    const found = diagnose(spans)
    expect(found.map(({ rule }) => rule)).toEqual(['high-cardinality-name'])
    expect(found[0]?.evidence.spans).toBe('100')
  })

  test.each([
    ['http.request.Method', 'http.request.method'],
    ['http_request_method', 'http.request.method'],
    ['http.reqeust.method', 'http.request.method'],
    ['http.response.statuscode', 'http.response.status_code'],
    ['db.collection.names', undefined],
    ['server.adress', 'server.address'],
    ['http.request.method', undefined],
    ['http.method', undefined],
    ['http.request.header.x-id', undefined],
    ['app.request.method', undefined],
    ['url.ful', undefined],
  ])('%s was probably meant to be %s', (key, meant) => {
    expect(nearestName(key)).toBe(meant)
  })

  test('deprecated ones come with what is said instead, once for each service', () => {
    const parent = withAttributes({ 'http.method': 'GET', 'http.url': 'http://a/' })
    const child = makeSpan({ spanId: 'b', parentSpanId: 'a', attributes: { 'http.method': 'GET' } })
    const found = diagnose([parent, child])
    expect(found.map(({ rule }) => rule)).toEqual(['deprecated-attribute'])
    expect(found[0]?.evidence).toEqual({
      'http.method': 'Replaced by `http.request.method`.',
      'http.url': 'Replaced by `url.full`.',
    })
  })
})

describe('secrets', () => {
  test.each<[string, string | string[], 'certain' | 'likely' | undefined]>([
    ['app.password', 'correct-horse', 'likely'],
    ['app.password', '[REDACTED]', undefined],
    ['app.password', '********', undefined],
    ['password.policy', 'long-enough', undefined],
    ['http.request.header.authorization', ['Bearer abcdef012345'], 'certain'],
    ['http.request.header.set-cookie', ['sid=abcdef'], 'likely'],
    ['url.full', 'https://u:secret@a.example/', 'certain'],
    ['url.full', 'https://u:REDACTED@a.example/', undefined],
    ['url.full', 'https://a.example/?token=abcdef0123', 'likely'],
    ['url.full', 'https://a.example/?token=REDACTED', undefined],
    ['url.full', 'https://a.example/@me:you', undefined],
    ['note', 'bearer of bad news', undefined],
    ['pem', '-----BEGIN RSA PRIVATE KEY-----\nMII', 'certain'],
  ])('%s = %j', (key, value, certainty) => {
    const found = diagnose([withAttributes({ [key]: value })])
    expect(found.find(({ rule }) => rule === 'secret-in-attribute')?.certainty).toBe(certainty)
  })
})

describe('errors', () => {
  const failed = { code: 'error' as const, message: '' }
  test.each<[string, Partial<Span>, string[]]>([
    ['a server’s 404', { kind: 'server', attributes: { 'http.response.status_code': 404n } }, []],
    [
      'a client’s 404',
      { kind: 'client', attributes: { 'http.response.status_code': 404n } },
      ['error-without-status'],
    ],
    [
      'one that a person calls OK',
      {
        kind: 'client',
        attributes: { 'http.response.status_code': 404n },
        status: { code: 'ok', message: '' },
      },
      [],
    ],
    ['ERROR without a word', { status: failed }, ['error-without-type']],
    ['ERROR with words', { status: { code: 'error', message: 'no room' } }, []],
    [
      'a database’s with words only',
      {
        kind: 'client',
        status: { code: 'error', message: 'no room' },
        attributes: { 'db.system.name': 'redis' },
      },
      ['error-without-type'],
    ],
    [
      'ERROR with an exception',
      { status: failed, events: [{ name: 'exception', time: at(1), attributes: {} }] },
      [],
    ],
    ['a type alone', { attributes: { 'error.type': 'timeout' } }, ['error-type-without-status']],
  ])('%s', (_, known, expected) => {
    expect(rulesOf(makeSpan({ spanId: 'a', ...known }))).toEqual(expected)
  })
})

describe('databases', () => {
  const queries = (count: number, attributes: (n: number) => Attributes, gap = 5) => [
    makeSpan({ spanId: 'p', end: at(1_000) }),
    ...Array.from({ length: count }, (_, n) =>
      makeSpan({
        spanId: `q${n}`,
        parentSpanId: 'p',
        name: 'SELECT item',
        kind: 'client',
        start: at(1 + n * gap),
        end: at(1 + n * gap + 4),
        attributes: { 'db.system.name': 'mysql', ...attributes(n) },
      }),
    ),
  ]
  const byId = (n: number) => ({ 'db.query.text': `SELECT * FROM item WHERE id = ${n}` })

  test.each<[string, Span[], boolean]>([
    ['four in turn', queries(4, byId), false],
    ['five in turn', queries(5, byId), true],
    ['five at once', queries(5, byId, 0), false],
    [
      'five different ones',
      queries(5, (n) => ({ 'db.query.text': `SELECT * FROM t${'x'.repeat(n)}` })),
      false,
    ],
    ['nine without a statement', queries(9, () => ({})), false],
    ['ten without a statement', queries(10, () => ({})), true],
  ])('%s', (_, spans, isFound) => {
    expect(rulesOf(...spans).includes('n-plus-one')).toBe(isFound)
  })

  test('values of statements are not shown', () => {
    const [finding] = diagnose(
      queries(5, (n) => ({ 'db.query.text': `SELECT * FROM u WHERE n = 'ann${n}'` })),
    )
    expect(finding?.evidence.statement).toBe('SELECT * FROM u WHERE n = ?')
  })
})

describe('dependencies', () => {
  const redis = { 'db.system.name': 'redis', 'server.address': 'cache', 'server.port': 6379n }
  const call = (known: Partial<Span> & { says?: string }, spanId = 'a') =>
    makeSpan({
      spanId,
      kind: 'client',
      status: { code: 'error', message: known.says ?? '' },
      attributes: { 'error.type': 'Error', ...redis },
      ...known,
    })

  test.each([
    ['connect ECONNREFUSED 127.0.0.1:6379', 'redis at cache:6379 refused the connection.'],
    ['dial tcp 10.0.0.1:6379: connect: connection refused', 'refused the connection.'],
    ['java.net.UnknownHostException: cache', 'has a name that cannot be resolved.'],
    ['getaddrinfo ENOTFOUND cache', 'has a name that cannot be resolved.'],
    ['[Errno 113] No route to host', 'cannot be reached over the network.'],
    ['dial tcp 10.0.0.1:6379: i/o timeout', 'did not answer when a connection was opened.'],
    ['Server selection timed out after 2000 ms', 'did not answer when a connection was opened.'],
  ])('%s', (says, words) => {
    const found = diagnose([call({ says })])
    expect(found.map(({ rule }) => rule)).toEqual(['dependency-unreachable'])
    expect(found[0]?.problem).toContain(words)
  })

  test.each<[string, Span[]]>([
    [
      'a query that took too long',
      [call({ says: 'canceling statement due to statement timeout' })],
    ],
    [
      'one that was answered',
      [
        call({
          says: 'connection refused by policy',
          attributes: { ...redis, 'error.type': 'x', 'db.response.status_code': '08004' },
        }),
      ],
    ],
    [
      'one that got through the second time',
      [
        makeSpan({ spanId: 'p' }),
        call({ says: 'ECONNREFUSED', parentSpanId: 'p' }),
        call({ parentSpanId: 'p', attributes: redis, status: { code: 'unset', message: '' } }, 'b'),
      ],
    ],
    ['work that is no call', [call({ says: 'ECONNREFUSED', kind: 'internal', attributes: {} })]],
  ])('%s is not down', (_, spans) => {
    expect(rulesOf(...spans)).not.toContain('dependency-unreachable')
  })

  test('those above that only pass the error on are named, up to where it was dealt with', () => {
    const failed = { code: 'error' as const, message: 'ECONNREFUSED' }
    const found = diagnose([
      makeSpan({ spanId: 'page' }),
      makeSpan({ spanId: 'route', parentSpanId: 'page', status: failed }),
      makeSpan({ spanId: 'load', parentSpanId: 'route', status: failed }),
      call({ says: 'ECONNREFUSED', parentSpanId: 'load' }),
    ])
    expect(found.map(({ rule }) => rule)).toEqual(['dependency-unreachable'])
    expect(found[0]?.evidence['only pass the error on']).toBe('load (api), route (api)')
    expect(found[0]?.candidates.map(({ spanId }) => spanId)).toEqual(['load', 'route'])
  })
})

test('spans of one id: a copy, and one that says something else', () => {
  const span = makeSpan({ spanId: 'a' })
  expect(diagnose([span, { ...span }])[0]?.problem).toContain('came 2 times')
  expect(diagnose([span, { ...span, name: 'b' }])[0]?.problem).toContain('in 2 versions')
})

test('a value of 16,384 characters is as large as may be', () => {
  expect(rulesOf(withAttributes({ body: 'x'.repeat(16_384) }))).toEqual([])
  expect(rulesOf(withAttributes({ body: 'x'.repeat(16_385) }))).toEqual(['giant-attribute'])
})
