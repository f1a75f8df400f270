import { type LabelledCase, spansOf, Teller, type Told } from '../build.ts'

type Expected = LabelledCase['expected'][number]['rule'][]

const server = (more: Partial<Told> = {}): Told => ({
  name: 'GET /items',
  service: 'shop',
  kind: 'server',
  at: 0,
  for: 100,
  attributes: {
    'http.request.method': 'GET',
    'url.path': '/items',
    'url.scheme': 'http',
    'http.route': '/items',
    'http.response.status_code': 200,
  },
  ...more,
})
const database = (n: number, attributes: Told['attributes'] = {}): Told => ({
  name: 'SELECT item',
  service: 'shop',
  kind: 'client',
  at: 2 + n * 5,
  for: 4,
  attributes: { 'db.system.name': 'postgresql', ...attributes },
})
/** A span of some work, with the attributes that the case is about. */
const work = (attributes: Told['attributes'], more: Partial<Told> = {}): Told => ({
  name: 'work',
  service: 'shop',
  at: 0,
  for: 10,
  ...(attributes && { attributes }),
  ...more,
})

/** One fault each, and what is expected of the first span (`>` for its first child). */
export function faultyInstrumentation(): LabelledCase[] {
  const cases: [name: string, about: string, told: Told, expected: Expected, where?: '>'][] = [
    [
      'unknown-service',
      'the SDK’s fallback',
      work({}, { service: 'unknown_service:node' }),
      ['unknown-service'],
    ],
    ['no-service', 'no name at all', work({}, { service: '' }), ['unknown-service']],
    [
      'database-internal',
      'a driver’s call without a kind',
      server({ below: [{ ...database(0), kind: 'internal' }] }),
      ['wrong-kind'],
      '>',
    ],
    [
      'server-as-client',
      'a route on a CLIENT span',
      server({
        kind: 'client',
        attributes: {
          'http.request.method': 'GET',
          'http.route': '/items',
          'http.response.status_code': 200,
        },
      }),
      ['wrong-kind'],
    ],
    [
      'caller-internal',
      'a call whose span has no kind',
      work({}, { service: 'gateway', for: 200, name: 'call shop', below: [server({ at: 10 })] }),
      ['wrong-kind'],
    ],
    [
      '500-unset',
      'a server’s 500 with its status left unset',
      server({
        attributes: {
          'http.request.method': 'GET',
          'http.route': '/items',
          'http.response.status_code': 500,
        },
      }),
      ['error-without-status'],
    ],
    [
      '404-unset',
      'a client’s 404 with its status left unset',
      work(
        {
          'http.request.method': 'GET',
          'url.full': 'https://a.example/x',
          'http.response.status_code': 404,
        },
        { kind: 'client', name: 'GET' },
      ),
      ['error-without-status'],
    ],
    [
      'legacy-500-unset',
      'the same by the names of before',
      work({ 'http.method': 'GET', 'http.status_code': 500 }, { kind: 'server' }),
      ['error-without-status', 'deprecated-attribute'],
    ],
    [
      'error-without-type',
      'a query failed, and nothing says how',
      server({ below: [{ ...database(0), error: 'oops' }] }),
      ['error-without-type'],
      '>',
    ],
    [
      'error-without-a-word',
      'ERROR, and nothing else',
      work({}, { error: true }),
      ['error-without-type'],
    ],
    [
      'type-without-error',
      'error.type on a span that is no error',
      work({ 'error.type': 'TimeoutError' }),
      ['error-type-without-status'],
    ],
    [
      'name-with-id',
      'a path with its number',
      server({
        name: 'GET /items/4711',
        attributes: {
          'http.request.method': 'GET',
          'url.path': '/items/4711',
          'http.response.status_code': 200,
        },
      }),
      ['high-cardinality-name'],
    ],
    [
      'name-with-uuid',
      'a job with its id',
      work({}, { name: 'job 7f9c24e8-3b12-4a5e-9f0d-1c2b3a4d5e6f' }),
      ['high-cardinality-name'],
    ],
    [
      'name-with-url',
      'a call named after its URL',
      work(
        { 'http.request.method': 'GET', 'http.response.status_code': 200 },
        { kind: 'client', name: 'GET https://a.example/x/y' },
      ),
      ['high-cardinality-name'],
    ],
    [
      'name-with-query',
      'a query in the name',
      work({}, { name: 'search ?q=shoes' }),
      ['high-cardinality-name'],
    ],
    [
      'name-with-address',
      'an e-mail address in the name',
      work({}, { name: 'mail to ann@example.org' }),
      ['high-cardinality-name'],
    ],
    [
      'name-with-literal',
      'a statement with its values',
      work(
        { 'db.system.name': 'mysql' },
        { kind: 'client', name: "SELECT * FROM t WHERE name = 'ann'" },
      ),
      ['high-cardinality-name'],
    ],
    [
      'deprecated',
      'two names of before',
      work({ 'db.system': 'mysql', 'db.statement': 'SELECT 1' }, { kind: 'client' }),
      ['deprecated-attribute'],
    ],
    [
      'deprecated-resource',
      'in the resource',
      work({}, { resource: { 'deployment.environment': 'test' } }),
      ['deprecated-attribute'],
    ],
    [
      'slip-of-case',
      'camelCase',
      work({ 'http.request.Method': 'GET', 'http.response.statusCode': 200 }),
      ['unknown-attribute', 'unknown-attribute'],
    ],
    [
      'slip-of-letter',
      'two letters swapped, and one left out',
      work({ 'http.reqeust.method': 'GET', 'server.adress': 'a' }),
      ['unknown-attribute', 'unknown-attribute'],
    ],
    [
      'password',
      'by its name',
      work({ 'app.db.password': 'hunter2-and-more' }),
      ['secret-in-attribute'],
    ],
    [
      'authorization',
      'a header as it came',
      work({ 'http.request.header.authorization': ['Bearer 0123456789abcdef'] }),
      ['secret-in-attribute'],
    ],
    [
      'url-with-password',
      'a connection string',
      work({ 'app.target': 'postgres://app:hunter2@db:5432/shop' }),
      ['secret-in-attribute'],
    ],
    [
      'url-with-token',
      'a query with a token',
      work({ 'url.full': 'https://a.example/x?access_token=0123456789abcdef' }),
      ['secret-in-attribute'],
    ],
    [
      'jwt-in-event',
      'in an exception’s message',
      work(
        {},
        {
          events: [
            {
              name: 'exception',
              at: 1,
              attributes: {
                'exception.message':
                  'bad token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N',
              },
            },
          ],
        },
      ),
      ['secret-in-attribute'],
    ],
    [
      'aws-key',
      'in the resource',
      work({}, { resource: { 'app.config': 'key=AKIAIOSFODNN7EXAMPLE' } }),
      ['secret-in-attribute'],
    ],
    [
      'cookie',
      'a session',
      work({ 'http.request.header.cookie': ['sid=0123456789abcdef'] }),
      ['secret-in-attribute'],
    ],
    [
      'zero-length-call',
      'a call in no time',
      server({ below: [{ ...database(0), for: 0 }] }),
      ['zero-length-span'],
      '>',
    ],
    [
      'ended-at-once',
      'ended before its work, which takes a while',
      work({}, { for: 0, below: [{ name: 'the work', service: 'shop', at: 0, for: 90 }] }),
      ['zero-length-span'],
    ],
    ['ended-before-start', 'a clock that was set', work({}, { for: -50 }), ['clock-jump']],
    [
      'n-plus-one',
      'a query for each row',
      server({
        below: Array.from({ length: 8 }, (_, n) =>
          database(n, { 'db.query.text': `SELECT * FROM item WHERE id = ${n}` }),
        ),
      }),
      ['n-plus-one'],
      '>',
    ],
    [
      'n-plus-one-parameters',
      'the same with parameters',
      server({
        below: Array.from({ length: 6 }, (_, n) =>
          database(n, { 'db.query.text': 'SELECT * FROM item WHERE id = $1' }),
        ),
      }),
      ['n-plus-one'],
      '>',
    ],
    [
      'n-plus-one-redis',
      'ten times GET, with no statement',
      server({
        below: Array.from({ length: 10 }, (_, n) => ({
          ...database(n, { 'db.system.name': 'redis', 'db.operation.name': 'GET' }),
          name: 'GET',
        })),
      }),
      ['n-plus-one'],
      '>',
    ],
    ['giant', 'a whole document', work({ 'app.body': 'x'.repeat(20_000) }), ['giant-attribute']],
    [
      'too-many',
      'an attribute for each of 150 rows',
      work(Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`row.${n}`, n]))),
      ['giant-attribute'],
    ],
    [
      'not-awaited',
      'a parent that ends a little before its work',
      server({ below: [{ name: 'save', service: 'shop', at: 10, for: 105 }] }),
      ['child-outside-parent'],
      '>',
    ],
    [
      'producer-ahead',
      'a message is taken up before it was sent',
      work(
        { 'messaging.system.name': 'kafka' },
        {
          kind: 'producer',
          name: 'orders publish',
          below: [
            {
              name: 'orders process',
              service: 'mailer',
              kind: 'consumer',
              at: -300,
              for: 5,
              attributes: { 'messaging.system.name': 'kafka' },
            },
          ],
        },
      ),
      ['clock-skew'],
      '>',
    ],
    [
      'context-lost-cover',
      'a block without children, and what fills it beside it',
      server({
        below: [
          { name: 'load', service: 'shop', at: 5, for: 60 },
          { ...database(0), at: 6, for: 57 },
        ],
      }),
      ['context-lost'],
      '>',
    ],
    [
      'name-of-two-faults',
      'two faults in one trace',
      server({
        name: 'GET /items/99',
        attributes: { 'http.request.method': 'GET', 'http.response.status_code': 500 },
      }),
      ['high-cardinality-name', 'error-without-status'],
    ],
  ]
  const told = cases.map(([name, about, root, rules, where], index): LabelledCase => {
    const span = (where === '>' ? root.below?.[0]?.name : root.name) ?? ''
    const data = new Teller(0x200 + index).trace(root)
    return { name, about, expected: rules.map((rule) => ({ rule, span })), data }
  })
  return [...told, ...wireFaults()]
}

/** What cannot be told in words: it is wrong on the wire. */
function wireFaults(): LabelledCase[] {
  const unended = new Teller(0x300).trace(work({}))
  for (const span of spansOf(unended)) delete span.endTimeUnixNano
  const roots = new Teller(0x301).trace(server(), work({}, { at: 20, name: 'another' }))
  return [
    {
      name: 'unended',
      about: 'a snapshot of a running span',
      expected: [{ rule: 'unended-span', span: 'work' }],
      data: unended,
    },
    {
      name: 'two-roots',
      about: 'two operations under one trace id',
      expected: [{ rule: 'several-roots', span: 'GET /items' }],
      data: roots,
    },
  ]
}
