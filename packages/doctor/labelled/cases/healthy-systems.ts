import { type LabelledCase, merge, Teller, type Told } from '../build.ts'

const get = (path: string, host = 'shop:8080', status = 200) => ({
  'http.request.method': 'GET',
  'url.full': `http://${host}${path}`,
  'server.address': host.split(':')[0] ?? '',
  'server.port': Number(host.split(':')[1]),
  'http.response.status_code': status,
})
const served = (path: string, route: string, status = 200) => ({
  'http.request.method': 'GET',
  'url.path': path,
  'url.scheme': 'http',
  'http.route': route,
  'http.response.status_code': status,
})
const query = (text: string, system = 'postgresql') => ({
  'db.system.name': system,
  'db.query.text': text,
  'server.address': 'db',
})
const browser = { 'browser.language': 'en', 'telemetry.sdk.language': 'webjs' }

/** Systems in which nothing is wrong, each with something that a hasty doctor would object to. */
/** What is wrong with the world around a system that is instrumented as it should be. */
const troubles: Record<string, LabelledCase['expected']> = {
  'connection-refused': [{ rule: 'dependency-unreachable', span: 'GET' }],
}

export function healthySystems(): LabelledCase[] {
  const cases: [name: string, about: string, ...traces: (Told | Told[])[]][] = [
    [
      'third-party',
      'a call to somebody who sends no spans here',
      {
        name: 'POST',
        service: 'shop',
        kind: 'client',
        at: 0,
        for: 80,
        attributes: get('/v1/charges', 'api.stripe.com:443'),
      },
    ],
    [
      'third-party-fails',
      'a page’s call to somebody else is refused',
      {
        name: 'GET',
        service: 'web',
        kind: 'client',
        at: 0,
        for: 30,
        resource: browser,
        error: 'Failed to fetch',
        attributes: {
          'http.request.method': 'GET',
          'url.full': 'https://ads.example/pixel',
          'error.type': 'TypeError',
        },
      },
    ],
    [
      'health-check',
      'a probe of a path that is kept out of tracing, of a service that traces',
      {
        name: 'GET',
        service: 'gateway',
        kind: 'client',
        at: 0,
        for: 5,
        attributes: get('/healthz'),
      },
      {
        name: 'GET /items',
        service: 'shop',
        kind: 'server',
        at: 900,
        for: 5,
        attributes: served('/items', '/items'),
      },
    ],
    [
      'connection-refused',
      'a service that sends spans was not running just then',
      {
        name: 'GET',
        service: 'gateway',
        kind: 'client',
        at: 0,
        for: 1,
        error: 'connect ECONNREFUSED',
        attributes: {
          'http.request.method': 'GET',
          'url.full': 'http://shop:8080/items',
          'error.type': 'ECONNREFUSED',
        },
      },
      {
        name: 'GET /items',
        service: 'shop',
        kind: 'server',
        at: 9_000,
        for: 5,
        attributes: served('/items', '/items'),
      },
    ],
    [
      'bad-gateway',
      'a proxy answered for a service that it did not reach',
      {
        name: 'GET',
        service: 'gateway',
        kind: 'client',
        at: 0,
        for: 9,
        error: true,
        attributes: { ...get('/items', 'shop:8080', 502), 'error.type': '502' },
      },
      {
        name: 'GET /items',
        service: 'shop',
        kind: 'server',
        at: 9_000,
        for: 5,
        attributes: served('/items', '/items'),
      },
    ],
    [
      'fire-and-forget',
      'the answer is out long before the work is done',
      {
        name: 'POST /orders',
        service: 'shop',
        kind: 'server',
        at: 0,
        for: 10,
        attributes: served('/orders', '/orders', 202),
        below: [{ name: 'send confirmation', service: 'shop', at: 8, for: 400 }],
      },
    ],
    [
      'messaging',
      'a message that lay in its queue for an hour, taken up in a batch',
      {
        name: 'orders publish',
        service: 'shop',
        kind: 'producer',
        at: 0,
        for: 2,
        attributes: { 'messaging.system.name': 'kafka', 'messaging.destination.name': 'orders' },
        below: [
          {
            name: 'orders process',
            service: 'mailer',
            kind: 'consumer',
            at: 3_600_000,
            for: 20,
            attributes: {
              'messaging.system.name': 'kafka',
              'messaging.destination.name': 'orders',
            },
          },
        ],
      },
    ],
    [
      'parallel-queries',
      'twelve alike, all at once',
      {
        name: 'GET /board',
        service: 'shop',
        kind: 'server',
        at: 0,
        for: 20,
        attributes: served('/board', '/board'),
        below: Array.from({ length: 12 }, (_, n) => ({
          name: 'SELECT tile',
          service: 'shop',
          kind: 'client' as const,
          at: 1,
          for: 5 + n,
          attributes: query(`SELECT * FROM tile WHERE id = ${n}`),
        })),
      },
    ],
    [
      'some-queries',
      'four of one kind in turn, and a transaction around each',
      {
        name: 'job',
        service: 'worker',
        at: 0,
        for: 100,
        below: Array.from({ length: 12 }, (_, n) => ({
          name: ['BEGIN', 'UPDATE account', 'COMMIT'][n % 3] ?? '',
          service: 'worker',
          kind: 'client' as const,
          at: n * 5,
          for: 4,
          attributes: query(['BEGIN', `UPDATE account SET x = ${n}`, 'COMMIT'][n % 3] ?? ''),
        })),
      },
    ],
    [
      'sqlite',
      'a database inside the process has no client',
      {
        name: 'GET /notes',
        service: 'notes',
        kind: 'server',
        at: 0,
        for: 4,
        attributes: served('/notes', '/notes'),
        below: [
          {
            name: 'SELECT note',
            service: 'notes',
            at: 1,
            for: 1,
            attributes: query('SELECT * FROM note', 'sqlite'),
          },
        ],
      },
    ],
    [
      'object-mapper',
      'its INTERNAL span around the driver’s CLIENT span',
      {
        name: 'GET /users/:id',
        service: 'users',
        kind: 'server',
        at: 0,
        for: 9,
        attributes: served('/users/42', '/users/:id'),
        below: [
          {
            name: 'mongoose.User.findOne',
            service: 'users',
            at: 1,
            for: 7,
            attributes: { 'db.system.name': 'mongodb', 'db.operation.name': 'findOne' },
            below: [
              {
                name: 'find users',
                service: 'users',
                kind: 'client',
                at: 2,
                for: 5,
                attributes: {
                  'db.system.name': 'mongodb',
                  'db.operation.name': 'find',
                  'db.collection.name': 'users',
                },
              },
            ],
          },
        ],
      },
    ],
    [
      'not-found',
      '404: an error of the client’s, and none of the server’s',
      {
        name: 'GET',
        service: 'gateway',
        kind: 'client',
        at: 0,
        for: 20,
        error: true,
        attributes: { ...get('/items/7', 'shop:8080', 404), 'error.type': '404' },
        below: [
          {
            name: 'GET /items/{id}',
            service: 'shop',
            kind: 'server',
            at: 5,
            for: 9,
            attributes: served('/items/7', '/items/{id}', 404),
          },
        ],
      },
    ],
    [
      'retries',
      'two attempts, each with its answer, under one call',
      {
        name: 'GET',
        service: 'gateway',
        kind: 'client',
        at: 0,
        for: 100,
        attributes: get('/items'),
        below: [
          {
            name: 'GET /items',
            service: 'shop',
            kind: 'server',
            at: 5,
            for: 9,
            error: true,
            attributes: { ...served('/items', '/items', 503), 'error.type': '503' },
          },
          {
            name: 'GET /items',
            service: 'shop',
            kind: 'server',
            at: 70,
            for: 9,
            attributes: served('/items', '/items'),
          },
        ],
      },
    ],
    [
      'mesh',
      'a proxy’s SERVER and CLIENT spans between the halves',
      {
        name: 'GET',
        service: 'gateway',
        kind: 'client',
        at: 0,
        for: 50,
        attributes: get('/items'),
        below: [
          {
            name: 'shop:8080/*',
            service: 'envoy',
            kind: 'server',
            at: 4,
            for: 40,
            below: [
              {
                name: 'egress shop',
                service: 'envoy',
                kind: 'client',
                at: 6,
                for: 36,
                below: [
                  {
                    name: 'GET /items',
                    service: 'shop',
                    kind: 'server',
                    at: 10,
                    for: 30,
                    attributes: served('/items', '/items'),
                  },
                ],
              },
            ],
          },
        ],
      },
    ],
    [
      'grpc',
      'names of today, and a client below a client',
      {
        name: 'oteldemo.CartService/GetCart',
        service: 'frontend',
        kind: 'client',
        at: 0,
        for: 12,
        attributes: {
          'rpc.system.name': 'grpc',
          'rpc.method': 'oteldemo.CartService/GetCart',
          'server.address': 'cart',
        },
        below: [
          {
            name: 'oteldemo.CartService/GetCart',
            service: 'cart',
            kind: 'server',
            at: 3,
            for: 7,
            attributes: { 'rpc.system.name': 'grpc', 'rpc.method': 'oteldemo.CartService/GetCart' },
            below: [
              {
                name: 'HGET',
                service: 'cart',
                kind: 'client',
                at: 4,
                for: 2,
                attributes: query('HGET cart', 'valkey'),
              },
            ],
          },
        ],
      },
    ],
    [
      'page-load',
      'a page that was rendered by a server continues its trace, later and for longer',
      {
        name: 'GET /',
        service: 'frontend',
        kind: 'server',
        at: 0,
        for: 30,
        attributes: served('/', '/'),
        below: [
          {
            name: 'documentLoad',
            service: 'frontend-web',
            at: 60,
            for: 800,
            resource: browser,
            below: [
              {
                name: 'resourceFetch',
                service: 'frontend-web',
                at: 70,
                for: 100,
                resource: browser,
              },
            ],
          },
        ],
      },
    ],
    [
      'user-interaction',
      'a click that is over before the request that it caused',
      {
        name: 'click',
        service: 'web',
        at: 0,
        for: 1,
        resource: browser,
        below: [
          {
            name: 'HTTP GET',
            service: 'web',
            kind: 'client',
            at: 0.5,
            for: 90,
            resource: browser,
            attributes: get('/items'),
            below: [
              {
                name: 'GET /items',
                service: 'shop',
                kind: 'server',
                at: 40,
                for: 9,
                attributes: served('/items', '/items'),
              },
            ],
          },
        ],
      },
    ],
    [
      'middleware',
      'steps that are shorter than a tick of the clock',
      {
        name: 'GET /',
        service: 'shop',
        kind: 'server',
        at: 0,
        for: 3,
        attributes: served('/', '/'),
        below: ['query', 'expressInit', 'cors'].map((name) => ({
          name: `middleware - ${name}`,
          service: 'shop',
          at: 1,
          for: 0,
        })),
      },
    ],
    [
      'work-beside-a-call',
      'a render goes on while a query runs',
      {
        name: 'GET /',
        service: 'shop',
        kind: 'server',
        at: 0,
        for: 60,
        attributes: served('/', '/'),
        below: [
          { name: 'render the page', service: 'shop', at: 1, for: 55 },
          {
            name: 'SELECT item',
            service: 'shop',
            kind: 'client',
            at: 2,
            for: 25,
            attributes: query('SELECT * FROM item'),
          },
        ],
      },
    ],
    [
      'names-like-secrets',
      'words that are in secrets as well, and values that are masked',
      {
        name: 'chat gpt',
        service: 'agent',
        kind: 'client',
        at: 0,
        for: 900,
        attributes: {
          'gen_ai.usage.input_tokens': 1_200,
          'token.type': 'bearer',
          'app.password_reset': true,
          'auth.token': '[REDACTED]',
          'url.full': 'https://bucket.example/file?X-Amz-Signature=REDACTED&part=2',
          'db.password.rotated': '2026-11-01',
          'server.connection': 'postgres://app:****@db:5432/shop',
          'http.request.header.authorization': ['****'],
          'user.id': 'u-4711',
        },
      },
    ],
    [
      'numbers-in-names',
      'routes, versions and protocols have numbers too',
      {
        name: 'GET /v2/orders/{orderId}',
        service: 'shop',
        kind: 'server',
        at: 0,
        for: 3,
        attributes: served('/v2/orders/7', '/v2/orders/{orderId}'),
      },
      {
        name: 'GET /2024/report',
        service: 'shop',
        kind: 'server',
        at: 20,
        for: 3,
        attributes: served('/2024/report', '/2024/report'),
      },
      {
        name: 'S3.PutObject',
        service: 'shop',
        kind: 'client',
        at: 40,
        for: 3,
        attributes: { 'rpc.system.name': 'aws-api', 'rpc.method': 'S3/PutObject' },
      },
      { name: 'base64-decode utf8 sha256', service: 'shop', at: 60, for: 3 },
    ],
    [
      'own-attributes',
      'an application’s names, beside and in the conventions’ namespaces',
      {
        name: 'checkout',
        service: 'shop',
        at: 0,
        for: 10,
        attributes: {
          'app.cart.items': 3,
          'http.cache': 'hit',
          'db.shard': 4,
          'user.plan': 'gold',
          'message.id': 'm1',
          'app.order.id': 'o1',
          tenant: 'a',
          'url.kind': 'short',
        },
      },
    ],
    [
      'long-poll',
      'a minute for a message',
      {
        name: 'GET',
        service: 'web',
        kind: 'client',
        at: 0,
        for: 60_000,
        resource: browser,
        attributes: get('/events'),
        below: [
          {
            name: 'GET /events',
            service: 'shop',
            kind: 'server',
            at: 20,
            for: 59_990,
            attributes: served('/events', '/events'),
          },
        ],
      },
    ],
    [
      'background-after-answer',
      'the SERVER span holds what runs after the answer',
      {
        name: 'GET',
        service: 'gateway',
        kind: 'client',
        at: 0,
        for: 20,
        attributes: get('/items'),
        below: [
          {
            name: 'GET /items',
            service: 'shop',
            kind: 'server',
            at: 3,
            for: 500,
            attributes: served('/items', '/items'),
          },
        ],
      },
    ],
    [
      'cron',
      'a job that nobody called, with an exception that it dealt with',
      {
        name: 'nightly report',
        service: 'worker',
        at: 0,
        for: 5_000,
        events: [
          {
            name: 'exception',
            at: 100,
            attributes: {
              'exception.type': 'TimeoutError',
              'exception.stacktrace': 'at f\n'.repeat(900),
            },
          },
        ],
      },
    ],
    [
      'load-generator',
      'many users at once ask for the same',
      ...Array.from({ length: 4 }, (_, n) => ({
        name: 'GET',
        service: 'k6',
        kind: 'client' as const,
        at: n,
        for: 40,
        attributes: get('/items'),
        below: [
          {
            name: 'GET /items',
            service: 'shop',
            kind: 'server' as const,
            at: 10 + n,
            for: 20,
            attributes: served('/items', '/items'),
          },
        ],
      })),
    ],
    [
      'replicas',
      'two of one service, whose clocks nobody compares',
      {
        name: 'GET',
        service: 'shop',
        kind: 'client',
        at: 0,
        for: 40,
        attributes: get('/stock'),
        resource: { 'service.instance.id': 'a' },
        below: [
          {
            name: 'GET /stock',
            service: 'shop',
            kind: 'server',
            at: 10,
            for: 20,
            attributes: served('/stock', '/stock'),
            resource: { 'service.instance.id': 'b' },
          },
        ],
      },
    ],
    [
      'feature-flags',
      'events with names of the conventions',
      {
        name: 'GET /',
        service: 'shop',
        kind: 'server',
        at: 0,
        for: 10,
        attributes: served('/', '/'),
        events: [
          { name: 'feature_flag.evaluation', at: 2, attributes: { 'feature_flag.key': 'dark' } },
        ],
      },
    ],
    [
      'ok-in-spite-of-it',
      'a person set OK: they know better',
      {
        name: 'GET',
        service: 'gateway',
        kind: 'client',
        at: 0,
        for: 20,
        attributes: get('/maybe', 'elsewhere.example:443', 200),
      },
    ],
  ]
  return cases.map(([name, about, ...traces], index) => {
    const teller = new Teller(0x100 + index)
    return {
      name,
      about,
      expected: troubles[name] ?? [],
      data: merge(...traces.map((trace) => teller.trace(...[trace].flat()))),
    }
  })
}
