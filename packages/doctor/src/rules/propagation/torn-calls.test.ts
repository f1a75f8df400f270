import type { Span } from '@pingtrace/otlp'
import { at, makeSpan } from '@pingtrace/otlp/test-support'
import { describe, expect, test } from 'vitest'
import { type DiagnoseOptions, diagnose, looseEnds } from '../../index.ts'

const url = 'http://localhost:8081/ping'
const other = 'ffffffffffffffffffffffffffffffff'

const other2 = 'e'.repeat(32)

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

  test.each<[string, string, string | undefined, boolean]>([
    ['two public names', 'https://login.example.com/ping', 'auth.example.org', false],
    ['two internal names', 'http://orders:8081/ping', 'cart', false],
    ['a public name and an internal one', 'https://shop.example/ping', 'orders', true],
    ['a name and an address', 'http://orders:8081/ping', '10.0.0.7', true],
    ['one name, behind a proxy that ends TLS', 'https://shop.example/ping', 'shop.example', true],
    ['nothing on one side', 'https://shop.example/ping', undefined, true],
  ])('of hosts, %s', (_, asked, host, isFound) => {
    const attributes = { ...client().attributes, 'url.full': asked }
    const half = server()
    const { 'server.address': _address, ...told } = half.attributes
    half.attributes = host === undefined ? told : { ...told, 'server.address': host }
    expect(say([client({ attributes })], { elsewhere: [half] })).toEqual(
      isFound ? ['header-absent likely'] : [],
    )
  })

  test('a path may have lost its beginning at a proxy, if nothing else is in doubt', () => {
    const attributes = { ...client().attributes, 'url.full': 'https://shop.example/api/ping' }
    const page = client({ attributes })
    expect(say([page], { elsewhere: [server()] })).toEqual(['header-absent likely'])
    expect(say([server()], { elsewhere: [page] })).toEqual(['header-absent likely'])
    const two = [server(), server({ spanId: 's2', traceId: other2 })]
    expect(say([page], { elsewhere: two })).toEqual([])
    const early = server({ start: at(-50) })
    expect(say([page], { elsewhere: [early] })).toEqual([])
  })

  test('replicas that nothing tells apart may call each other, by one address', () => {
    const same = { service: 'api', resource: { 'service.name': 'api' } }
    expect(say([client(same)], { elsewhere: [server(same)] })).toEqual(['header-absent likely'])
    const known = { ...same, resource: { 'service.name': 'api', 'service.instance.id': '1' } }
    const said = say([client(known)], { elsewhere: [server(known)] })
    expect(said.filter((rule) => rule.startsWith('header'))).toEqual([])
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

describe('a header that is used again', () => {
  const first = client({ spanId: 'c1' })
  const answer = server({ traceId: first.traceId, parentSpanId: 'c1' })
  const late = (known: Partial<Span> = {}) =>
    server({
      spanId: 's2',
      traceId: first.traceId,
      parentSpanId: 'c1',
      start: at(520),
      end: at(540),
      ...known,
    })
  const second = client({ spanId: 'c2', traceId: other, start: at(500), end: at(560) })

  test('is told on both halves', () => {
    const trace = [first, answer, late()]
    expect(say([second], { elsewhere: looseEnds(trace) })).toEqual(['header-stale likely'])
    expect(say(trace, { elsewhere: looseEnds([second]) })).toEqual(['header-stale likely'])
  })

  test('is told when the call that it belongs to is in the same trace, or nowhere', () => {
    const here = { ...second, traceId: first.traceId, parentSpanId: 'root' }
    const root = makeSpan({ spanId: 'root', service: 'web', end: at(600) })
    const call = { ...first, parentSpanId: 'root' }
    const [finding, ...others] = diagnose([root, call, answer, late(), here])
    expect(others).toEqual([])
    expect(finding).toMatchObject({ rule: 'header-stale', span: { spanId: 'c2' } })
    expect(say([first, answer, late()])).toEqual(['header-stale likely'])
  })

  test('is not what retries, redirects and work that was only accepted look like', () => {
    expect(say([first, answer, late({ start: at(85), end: at(99) })])).toEqual([])
    const accepted = { ...first.attributes, 'http.response.status_code': 202n }
    const attributes = { 'http.response.status_code': 202n }
    const async = [client({ attributes: accepted }), { ...answer, attributes }, late()]
    expect(say(async).filter((said) => said.startsWith('header'))).toEqual([])
  })

  test('is told of a SERVER span below a call for something else, if another call asked for it', () => {
    const to = (path: string) => ({
      ...client().attributes,
      'url.full': `http://localhost:8081${path}`,
    })
    const root = makeSpan({ spanId: 'root', service: 'web', end: at(200) })
    const a = client({ spanId: 'a', parentSpanId: 'root', attributes: to('/a') })
    const b = client({ spanId: 'b', parentSpanId: 'root', start: at(10), attributes: to('/b') })
    const below = server({
      traceId: a.traceId,
      parentSpanId: 'a',
      attributes: { 'url.path': '/b' },
    })
    const found = diagnose([root, a, b, below]).map(({ rule, span }) => `${rule} ${span.spanId}`)
    expect(found).toEqual(['header-stale b'])
    expect(say([root, a, below])).toEqual([])
  })
})

describe('a message without its other half', () => {
  const about = { 'messaging.system.name': 'kafka', 'messaging.destination.name': 'orders' }
  const producer = (known: Partial<Span> = {}) =>
    makeSpan({
      spanId: 'p1',
      kind: 'producer',
      service: 'shop',
      ...known,
      attributes: { ...about, ...known.attributes },
    })
  const consumer = (known: Partial<Span> = {}) =>
    makeSpan({
      spanId: 'q1',
      traceId: other,
      kind: 'consumer',
      service: 'mailer',
      start: at(20),
      end: at(30),
      ...known,
      attributes: { ...about, ...known.attributes },
    })
  const id = { attributes: { 'messaging.message.id': 'm1' } }

  test('was taken up in a trace of its own', () => {
    expect(say([producer(id)], { elsewhere: [consumer(id)] })).toEqual(['header-absent likely'])
    expect(say([consumer(id)], { elsewhere: [producer(id)] })).toEqual(['header-absent likely'])
    expect(say([producer()], { elsewhere: [consumer()] })).toEqual(['header-absent likely'])
  })

  const link = {
    traceId: producer().traceId,
    spanId: 'p1',
    traceState: '',
    attributes: {},
    flags: 0,
  }
  test.each<[string, Span[]]>([
    ['linked', [consumer({ ...id, links: [link] })]],
    [
      'of another destination',
      [consumer({ attributes: { 'messaging.destination.name': 'mail' } })],
    ],
    ['another message', [consumer({ attributes: { 'messaging.message.id': 'm2' } })]],
    ['received in a batch', [consumer({ attributes: { 'messaging.operation.type': 'receive' } })]],
    ['one of several that may be it', [consumer(), consumer({ spanId: 'q2', start: at(40) })]],
    ['an hour later, without an id', [consumer({ start: at(3_600_000), end: at(3_600_010) })]],
  ])('is joined, or nothing is known: %s', (_, elsewhere) => {
    const isNamed = elsewhere[0]?.attributes['messaging.message.id'] !== undefined
    expect(say([producer(isNamed ? id : {})], { elsewhere })).toEqual([])
  })
})

describe('a call without its other half', () => {
  const services = [{ name: 'api', addresses: ['127.0.0.1:8081'], takes: ['/ping'] }]

  test('is missing only of services that are known', () => {
    expect(say([client()])).toEqual([])
    expect(say([client()], { services })).toEqual(['server-span-missing likely'])
    expect(say([client()], { services: [{ name: 'api', takes: ['/ping'] }] })).toEqual([])
  })

  test.each<[string, string, number | undefined, string[]]>([
    ['a path of which nothing was ever taken up', '/locales/en.json', 200, []],
    ['another path below the same segment', '/ping/7', 200, ['server-span-missing likely']],
    ['a redirect that the service never gave', '/ping', 301, []],
    ['a refusal that the service gave before', '/ping', 401, ['server-span-missing likely']],
    ['a rate limit', '/ping', 429, []],
    ['a failure of the service', '/ping', 500, ['server-span-missing likely']],
    ['a failure of a proxy', '/ping', 503, []],
    ['no answer', '/ping', undefined, []],
  ])('%s', (_, path, status, expected) => {
    const known = [{ ...services[0]!, takes: ['/ping', '/ping 401'] }]
    const call = client({
      status: { code: (status ?? 500) < 400 ? 'unset' : 'error', message: '' },
      attributes: {
        'http.request.method': 'GET',
        'url.full': `http://localhost:8081${path}`,
        ...(status === undefined ? {} : { 'http.response.status_code': BigInt(status) }),
        'error.type': '_OTHER',
      },
    })
    const said = say([call], { services: known }).filter((rule) => rule.startsWith('server'))
    expect(said).toEqual(expected)
  })

  test('may have come from the page’s cache, if it took no time', () => {
    const resource = { 'service.name': 'web', 'browser.language': 'en' }
    const quick = { resource, end: at(4) }
    expect(say([client({ resource })], { services })).toEqual(['server-span-missing likely'])
    expect(say([client(quick)], { services })).toEqual([])
    const post = { ...client().attributes, 'http.request.method': 'POST' }
    expect(say([client({ ...quick, attributes: post })], { services })).toEqual([
      'server-span-missing likely',
    ])
  })

  test('was not sampled, if its own flags say so in a process that sets them', () => {
    const other = client({ spanId: 'c2', traceId: other2, flags: 0x101 })
    const answer = server({ spanId: 's2', traceId: other2, parentSpanId: 'c2' })
    const off = client({ flags: 0x100 })
    expect(say([off], { services, elsewhere: [other, answer] })).toEqual([
      'header-not-sampled likely',
    ])
    // opentelemetry-python never sets them.
    expect(say([off], { services })).toEqual(['server-span-missing likely'])
  })

  test('is known by its host’s name as well, as in a container network', () => {
    const call = client({ attributes: { ...client().attributes, 'url.full': 'http://api:8080/x' } })
    expect(say([call], { services: [{ name: 'api', takes: ['/x'] }] })).toEqual([
      'server-span-missing likely',
    ])
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
    // It may have been given up, and its SERVER span be under way.
    const arrival = { now: 5_000, last: 4_000 }
    expect(say([inPage], { services, arrival })).toEqual(['not-yet-arrived likely'])
  })
})

test('calls that are not recorded are one finding, however often it is called', () => {
  const calls = Array.from({ length: 30 }, (_, n) =>
    client({ spanId: `c${n}`, parentSpanId: n === 0 ? undefined : 'root' }),
  )
  const root = makeSpan({ spanId: 'root', service: 'web', end: at(200) })
  const found = diagnose([root, ...calls.slice(1)], {
    services: [{ name: 'api', addresses: ['localhost:8081'], takes: ['/ping'] }],
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
