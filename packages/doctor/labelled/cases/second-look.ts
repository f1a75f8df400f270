import { type LabelledCase, Teller, type Told } from '../build.ts'

type Expected = LabelledCase['expected']

const service = 'shop'
const step = (name: string, more: Partial<Told> = {}): Told => ({
  name,
  service,
  at: 0,
  for: 100,
  ...more,
})
const repeated = (count: number, told: (n: number) => Told): Told[] =>
  Array.from({ length: count }, (_, n) => told(n))
const query = (n: number, name: string, text: string, gap = 10): Told => ({
  name,
  service,
  kind: 'client',
  at: 1 + n * gap,
  for: gap - 2,
  attributes: { 'db.system.name': 'postgresql', 'db.query.text': text },
})
const call = (path: string, status: number, more: Partial<Told> = {}): Told => ({
  name: 'GET',
  service: 'gateway',
  kind: 'client',
  at: 0,
  for: 50,
  attributes: {
    'http.request.method': 'GET',
    'url.full': `http://shop:8080${path}`,
    'http.response.status_code': status,
  },
  ...more,
})
const served = (kind: Told['kind'], more: Partial<Told> = {}): Told => ({
  name: 'GET /items',
  service,
  ...(kind && { kind }),
  at: 5,
  for: 30,
  attributes: { 'http.request.method': 'GET', 'url.path': '/items', 'http.route': '/items' },
  ...more,
})

/** What an auditor of the first rules found: ordinary things that they disputed, and faults that they missed. */
export function secondLook(): LabelledCase[] {
  const cases: [name: string, about: string, told: Told, expected: Expected][] = [
    [
      'basic-plan',
      'words that look like credentials, and what became of some',
      step('subscribe', {
        attributes: {
          'app.plan': 'Basic subscription',
          'app.consent.cookie': 'accepted',
          'app.validation.api_key': 'expired',
          'app.login.password': 'changed',
          'app.build.id': 'b1',
        },
      }),
      [],
    ],
    [
      'pages-and-chunks',
      'a batch job reads page by page, and writes chunk by chunk',
      step('export', {
        for: 900,
        below: [
          ...repeated(8, (n) =>
            query(n, 'SELECT', 'SELECT id FROM o WHERE id > $1 ORDER BY id LIMIT 1000', 100),
          ),
          ...repeated(8, (n) =>
            query(n, 'INSERT', 'INSERT INTO facts (id, n) VALUES (?, ?), (?, ?)', 100),
          ),
        ],
      }),
      [],
    ],
    [
      'blocking-pops',
      'a worker waits for jobs in Redis',
      step('worker loop', {
        for: 900,
        below: repeated(12, (n) => ({
          name: 'BRPOPLPUSH',
          service,
          kind: 'client',
          at: n * 70,
          for: 60,
          attributes: { 'db.system.name': 'redis', 'db.operation.name': 'BRPOPLPUSH' },
        })),
      }),
      [],
    ],
    [
      'existence-checks',
      'HEAD was answered 404, which was the question',
      step('look', {
        below: [
          {
            ...query(0, 'S3.HeadObject', ''),
            attributes: {
              'rpc.system.name': 'aws-api',
              'rpc.method': 'S3/HeadObject',
              'http.response.status_code': 404,
            },
          },
        ],
      }),
      [],
    ],
    [
      'url-template',
      'a version in a template, and an account in the name of a topic',
      step('report', {
        below: [
          {
            ...call('/rest/api/2/issue/OPS-1', 200),
            name: 'GET /rest/api/2/issue/{key}',
            attributes: { 'url.template': '/rest/api/2/issue/{key}' },
          },
          step('publish arn:aws:sns:eu-central-1:123456789012:orders', { kind: 'producer' }),
        ],
      }),
      [],
    ],
    [
      'sidecar',
      'an inbound proxy hands on what its SERVER span is of',
      call('/items', 200, {
        below: [
          served('server', {
            name: 'shop.default:8080/*',
            service: 'shop.default',
            attributes: {
              'http.request.method': 'GET',
              'url.full': 'http://shop:8080/items',
              'http.response.status_code': 200,
            },
            below: [served('server', { at: 8, for: 20 })],
          }),
        ],
      }),
      [],
    ],
    [
      'test-runner',
      'the span of a test is the parent of what it calls',
      step('an order is taken', {
        service: 'vitest',
        attributes: { 'test.case.name': 'an order is taken' },
        below: [served('server')],
      }),
      [],
    ],
    [
      'secrets-of-all-kinds',
      'headers, connection strings, arguments, keys, statements',
      step('call', {
        resource: { 'process.command_args': ['java', '-Dspring.datasource.password=Hunter2!x'] },
        attributes: {
          'http.request.header.x-api-key': ['9f8e7d6c5b4a39281706'],
          'app.dbPassword': 'Hunter2!xyz',
          'app.connection': 'Server=db;User Id=sa;Password=Hunter2!;Database=shop',
          'app.model': `sk-proj-${'abcdefghij'.repeat(3)}`,
          'db.query.text': "ALTER USER app WITH PASSWORD 'Hunter2!'",
          'app.sent': 'Basic YXBwOkh1bnRlcjIh',
        },
      }),
      repeated(7, () => step('call')).map(() => ({ rule: 'secret-in-attribute', span: 'call' })),
    ],
    [
      'n-plus-one-behind-orm',
      'a repository’s span around each of ten queries',
      step('GET /orders', {
        kind: 'server',
        for: 200,
        below: repeated(10, (n) => ({
          name: 'Orders.findById',
          service,
          at: n * 12,
          for: 11,
          below: [
            {
              ...query(n, 'SELECT orders', 'SELECT * FROM o WHERE id = ?'),
              at: 1 + n * 12,
              for: 9,
            },
          ],
        })),
      }),
      [{ rule: 'n-plus-one', span: 'SELECT orders' }],
    ],
    [
      'grpc-status-unset',
      'UNAVAILABLE, and the status is unset',
      step('Cart/Get', {
        kind: 'client',
        attributes: { 'rpc.system.name': 'grpc', 'rpc.status_code': 'UNAVAILABLE' },
      }),
      [{ rule: 'error-without-status', span: 'Cart/Get' }],
    ],
    [
      'messaging-internal',
      'messages are sent and processed without a kind',
      step('publish orders', {
        attributes: { 'messaging.system.name': 'kafka', 'messaging.operation.type': 'send' },
        below: [
          step('process orders', {
            service: 'accounting',
            at: 40,
            attributes: { 'messaging.system.name': 'kafka', 'messaging.operation.type': 'process' },
          }),
        ],
      }),
      [
        { rule: 'wrong-kind', span: 'publish orders' },
        { rule: 'wrong-kind', span: 'process orders' },
      ],
    ],
    [
      'server-internal',
      'a service forgets the kind of what it was asked for',
      call('/items', 200, { below: [served(undefined)] }),
      [{ rule: 'wrong-kind', span: 'GET /items' }],
    ],
    [
      'client-internal',
      'a fetch by hand, without a kind, to somebody else',
      { ...call('/v1/charges', 200), kind: 'internal', name: 'charge card' },
      [{ rule: 'wrong-kind', span: 'charge card' }],
    ],
    [
      'short-ids',
      'a number of five digits, and a short hash',
      step('process order 98765', { below: [step('job 3f9a1c', { at: 1, for: 5 })] }),
      [
        { rule: 'high-cardinality-name', span: 'process order 98765' },
        { rule: 'high-cardinality-name', span: 'job 3f9a1c' },
      ],
    ],
  ]
  return cases.map(([name, about, told, expected], index) => ({
    name,
    about,
    expected,
    data: new Teller(0x600 + index).trace(told),
  }))
}
