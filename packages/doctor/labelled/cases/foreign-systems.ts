import { type LabelledCase, merge, Teller, type Told } from '../build.ts'
import { answered, asked, flags, span } from './words.ts'

const grpc = (service: string, method: string, more = {}) => ({
  'rpc.system': 'grpc',
  'rpc.service': service,
  'rpc.method': method,
  ...more,
})
const sql = (namespace: string, text: string) => ({
  'db.system.name': 'postgresql',
  'db.namespace': namespace,
  'db.query.text': text,
  'server.address': 'db',
  'server.port': 5432,
})
const items = 'https://shop.example/api/items'

/** A click of which the whole trace came: it shows what the service takes up. */
const wholeClick = span(['web', 'client', 'GET'], 0, 60, {
  attributes: asked('GET', items, 200),
  flags: flags.local,
  below: [
    span(['orders', 'server', 'GET /api/items'], 25, 15, {
      attributes: answered('GET /api/items', '/api/items', 'shop.example:443'),
      flags: flags.remote,
    }),
  ],
})

/**
 * Systems of other people’s making in which nothing is wrong with how spans join and when they are: each
 * gave a false alarm once, or would have.
 */
export function foreignSystems(): LabelledCase[] {
  const cases: [
    about: Pick<LabelledCase, 'name' | 'about'> & Partial<LabelledCase>,
    ...Told[][],
  ][] = [
    [
      {
        name: 'document-load',
        about:
          'stock instrumentation: the page’s load has its server’s span for parent, and began before',
      },
      [
        span(['frontend', 'server', 'GET /'], 40, 30, {
          attributes: answered('GET /', '/', 'shop.example'),
          flags: flags.local,
          below: [
            span(['storefront-web', 'internal', 'documentLoad'], 0, 900, {
              attributes: { 'url.full': 'https://shop.example/' },
              flags: flags.remote,
              events: [
                { name: 'fetchStart', at: 0 },
                { name: 'responseStart', at: 75 },
                { name: 'loadEventEnd', at: 900 },
              ],
              below: [
                span(['storefront-web', 'internal', 'documentFetch'], 0, 80, {
                  flags: flags.local,
                }),
                span(['storefront-web', 'internal', 'resourceFetch'], 120, 100, {
                  flags: flags.local,
                }),
              ],
            }),
          ],
        }),
      ],
    ],
    [
      {
        name: 'kafka-demo',
        about:
          'the official demo: one consumer continues the trace, another has a link; a topic’s ARN',
        expected: [
          { rule: 'deprecated-attribute', span: 'oteldemo.CheckoutService/PlaceOrder' },
          { rule: 'deprecated-attribute', span: 'orders process' },
          { rule: 'deprecated-attribute', span: 'oteldemo.CheckoutService/PlaceOrder' },
          { rule: 'deprecated-attribute', span: 'orders receive' },
          {
            rule: 'deprecated-attribute',
            span: 'publish arn:aws:sns:eu-central-1:123456789012:orders',
          },
        ],
      },
      [
        span(['frontend', 'client', 'oteldemo.CheckoutService/PlaceOrder'], 0, 220, {
          attributes: grpc('oteldemo.CheckoutService', 'PlaceOrder', {
            'server.address': 'checkout',
            'server.port': 5050,
            'rpc.grpc.status_code': 0,
          }),
          flags: flags.local,
          below: [
            span(['checkout', 'server', 'oteldemo.CheckoutService/PlaceOrder'], 5, 210, {
              attributes: grpc('oteldemo.CheckoutService', 'PlaceOrder', {
                'server.address': '10.0.0.7',
                'rpc.grpc.status_code': 0,
              }),
              flags: flags.remote,
              below: [
                span(['checkout', 'producer', 'publish orders'], 200, 8, {
                  attributes: {
                    'messaging.system': 'kafka',
                    'messaging.destination.name': 'orders',
                    'messaging.operation.type': 'send',
                  },
                  flags: flags.local,
                  below: [
                    span(['fraud-detection', 'consumer', 'orders process'], 900, 3, {
                      attributes: {
                        'messaging.system': 'kafka',
                        'messaging.destination.name': 'orders',
                        'messaging.operation': 'process',
                        'messaging.kafka.message.offset': 42,
                      },
                      flags: flags.remote,
                    }),
                  ],
                }),
                span(
                  ['orders', 'producer', 'publish arn:aws:sns:eu-central-1:123456789012:orders'],
                  210,
                  4,
                  {
                    attributes: {
                      'messaging.system': 'aws.sns',
                      'messaging.destination.name': 'arn:aws:sns:eu-central-1:123456789012:orders',
                      'messaging.operation.type': 'send',
                    },
                    flags: flags.local,
                  },
                ),
              ],
            }),
          ],
        }),
      ],
      [
        span(['accounting', 'consumer', 'orders receive'], 880, 900, {
          attributes: {
            'messaging.system': 'kafka',
            'messaging.destination.name': 'orders',
            'messaging.batch.message_count': 2,
          },
          links: ['publish orders'],
        }),
      ],
    ],
    [
      {
        name: 'fan-out',
        about:
          'asyncio.gather over three steps of nearly one length; GraphQL’s resolvers side by side',
      },
      [
        span(['recommendations', 'server', 'GET /recommendations'], 0, 130, {
          attributes: answered('GET /recommendations', '/recommendations'),
          below: ['history', 'similarity', 'popularity'].map((by, n) =>
            span(['recommendations', 'internal', `rank_by_${by}`], 5 + n / 10, 100 - 3 * n),
          ),
        }),
      ],
      [
        span(['graphql', 'server', 'POST /graphql'], 0, 90, {
          attributes: answered('POST /graphql', '/graphql'),
          below: [
            span(['graphql', 'internal', 'query Product'], 3, 80, {
              below: [
                span(['graphql', 'internal', 'graphql.resolve'], 5, 60),
                span(['graphql', 'internal', 'graphql.resolve'], 5.2, 58),
              ],
            }),
          ],
        }),
      ],
    ],
    [
      {
        name: 'nginx-in-between',
        about: 'without spans of its own it serves files, limits rates and asks who it is',
      },
      [wholeClick],
      ...[
        ['locales/en.json', 200],
        ['api/cart', 429],
        ['api/me', 401],
      ].map(([path, status], n) => [
        span(['web', 'client', 'GET'], 100 * (n + 1), 20, {
          attributes: {
            ...asked('GET', `https://shop.example/${path}`, Number(status)),
            ...(Number(status) >= 400 && { 'error.type': `${status}` }),
          },
          flags: flags.local,
          ...(Number(status) >= 400 && { error: true as const }),
        }),
      ]),
    ],
    [
      {
        name: 'same-path-elsewhere',
        about: 'a token from somebody else, while an app without tracing gets one from us',
      },
      [
        span(['orders', 'client', 'POST'], 0, 90, {
          attributes: asked('POST', 'https://login.vendor.example/oauth/token', 200),
          flags: flags.local,
        }),
      ],
      [
        span(['cart', 'server', 'POST /oauth/token'], 40, 20, {
          attributes: answered('POST /oauth/token', '/oauth/token', 'auth.shop.example'),
          flags: flags.local,
        }),
      ],
    ],
    [
      {
        name: 'streams',
        about: 'a server stream that its client ends, an hour of events, a socket',
        expected: [
          { rule: 'deprecated-attribute', span: 'flagd.evaluation.v1.Service/EventStream' },
          { rule: 'deprecated-attribute', span: 'flagd.evaluation.v1.Service/EventStream' },
        ],
      },
      [
        span(['cart', 'client', 'flagd.evaluation.v1.Service/EventStream'], 0, 600_000, {
          attributes: grpc('flagd.evaluation.v1.Service', 'EventStream', {
            'server.address': 'flagd',
            'rpc.grpc.status_code': 4,
          }),
          error: 'deadline exceeded',
          below: [
            span(['flagd', 'server', 'flagd.evaluation.v1.Service/EventStream'], 4, 599_990, {
              attributes: grpc('flagd.evaluation.v1.Service', 'EventStream', {
                'rpc.grpc.status_code': 1,
              }),
              flags: flags.remote,
              events: Array.from({ length: 150 }, (_, n) => ({
                name: 'message',
                at: n * 1_000 + 10,
                attributes: { 'rpc.message.type': 'SENT', 'rpc.message.id': n },
              })),
            }),
          ],
        }),
      ],
      [
        span(['web', 'client', 'GET'], 0, 3_600_000, {
          attributes: asked('GET', 'https://shop.example/events', 200),
          below: [
            span(['frontend', 'server', 'GET /events'], 8, 3_600_020, {
              attributes: answered('GET /events', '/events', 'shop.example:443'),
              flags: flags.remote,
            }),
          ],
        }),
      ],
      [
        span(['frontend', 'server', 'GET /socket'], 8, 3, {
          attributes: answered('GET /socket', '/socket', 'shop.example:443', 101),
        }),
      ],
    ],
    [
      {
        name: 'attempts-and-redirects',
        about:
          'a CLIENT span for each attempt, a redirect of the load balancer’s, a vendor’s url.template',
      },
      [
        span(['orders', 'server', 'POST /orders'], 0, 500, {
          attributes: answered('POST /orders', '/orders'),
          below: [
            span(['orders', 'client', 'GET'], 5, 50, {
              attributes: asked('GET', 'http://inventory:8080/stock', 503, { 'error.type': '503' }),
              error: true,
              below: [
                span(['inventory', 'server', 'GET /stock'], 9, 30, {
                  attributes: answered('GET /stock', '/stock', 'inventory:8080', 503, {
                    'error.type': '503',
                  }),
                  error: true,
                  flags: flags.remote,
                }),
              ],
            }),
            span(['orders', 'client', 'GET'], 160, 50, {
              attributes: asked('GET', 'http://inventory:8080/stock', 200, {
                'http.request.resend_count': 1,
              }),
              below: [
                span(['inventory', 'server', 'GET /stock'], 164, 30, {
                  attributes: answered('GET /stock', '/stock', 'inventory:8080'),
                  flags: flags.remote,
                }),
              ],
            }),
            span(['orders', 'client', 'GET'], 220, 10, {
              attributes: asked('GET', 'http://inventory:8080/v1/', 301),
            }),
            span(['orders', 'client', 'GET /rest/api/2/issue/{key}'], 270, 80, {
              attributes: asked('GET', 'https://jira.vendor.example/rest/api/2/issue/OPS-1', 200, {
                'url.template': '/rest/api/2/issue/{key}',
              }),
            }),
          ],
        }),
      ],
    ],
    [
      {
        name: 'batch-job',
        about: 'pages by the last key of the one before, and rows written in chunks',
      },
      [
        span(['etl', 'internal', 'nightly_export'], 0, 60_000, {
          below: Array.from({ length: 8 }, (_, n) => [
            span(['etl', 'client', 'SELECT'], 100 + n * 5_000, 400, {
              attributes: sql(
                'shop',
                'SELECT id, total FROM orders WHERE id > $1 ORDER BY id LIMIT 1000',
              ),
            }),
            span(['etl', 'client', 'INSERT'], 600 + n * 5_000, 900, {
              attributes: sql('dwh', 'INSERT INTO facts (id, total) VALUES (?, ?), (?, ?), (?, ?)'),
            }),
          ]).flat(),
        }),
      ],
    ],
    [
      {
        name: 'envoy-sidecars',
        about: 'Istio’s: a SERVER span above the application’s SERVER span',
        expected: [
          { rule: 'deprecated-attribute', span: 'reviews.default.svc.cluster.local:9080/*' },
          { rule: 'deprecated-attribute', span: 'reviews.default.svc.cluster.local:9080/*' },
        ],
      },
      [
        span(['gateway', 'client', 'GET'], 0, 60, {
          attributes: asked('GET', 'http://reviews:9080/reviews/0', 200),
          flags: flags.local,
          below: [
            span(['gateway.default', 'client', 'reviews.default.svc.cluster.local:9080/*'], 2, 56, {
              attributes: envoy('outbound|9080||reviews'),
              below: [
                span(
                  ['reviews.default', 'server', 'reviews.default.svc.cluster.local:9080/*'],
                  6,
                  48,
                  {
                    attributes: envoy('inbound|9080||'),
                    below: [
                      span(['reviews', 'server', 'GET /reviews/{id}'], 9, 40, {
                        attributes: answered('GET /reviews/0', '/reviews/{id}', 'reviews:9080'),
                        flags: flags.remote,
                      }),
                    ],
                  },
                ),
              ],
            }),
          ],
        }),
      ],
    ],
    [
      {
        name: 'invoked-later',
        about: 'a function is invoked as an event: 202 at once, and it starts 400 ms later',
      },
      [
        span(['frontend', 'client', 'Lambda.Invoke'], 0, 45, {
          attributes: {
            'rpc.system.name': 'aws-api',
            'rpc.method': 'Lambda/Invoke',
            'http.response.status_code': 202,
            'server.address': 'lambda.eu-central-1.amazonaws.com',
            'faas.invoked_name': 'thumbnails',
          },
          flags: flags.local,
          below: [
            span(['thumbnails', 'server', 'thumbnails'], 450, 900, {
              attributes: { 'faas.invocation_id': 'x1', 'faas.trigger': 'other' },
              flags: flags.remote,
            }),
          ],
        }),
      ],
    ],
    [
      {
        name: 'sampled-strangers',
        about: 'whole traces, and beside them curl’s requests for the same, which began traces',
      },
      ...[0, 1, 2].flatMap((n) => [
        [
          span(['gateway', 'client', 'GET'], n * 30, 25, {
            attributes: asked('GET', 'http://cart:8080/cart', 200),
            flags: flags.local,
            below: [
              span(['cart', 'server', 'GET /cart'], n * 30 + 3, 18, {
                attributes: answered('GET /cart', '/cart', 'cart:8080'),
                flags: flags.remote,
              }),
            ],
          }),
        ],
        [
          span(['cart', 'server', 'GET /cart'], n * 30 + 5, 10, {
            attributes: answered('GET /cart', '/cart', 'cart:8080'),
            flags: flags.local,
          }),
        ],
      ]),
    ],
    [
      { name: 'ordinary-words', about: 'a plan, a consent, the outcome of a check' },
      [
        span(['orders', 'internal', 'subscribe'], 0, 10, {
          attributes: {
            'app.plan': 'Basic subscription',
            'app.consent.cookie': 'accepted',
            'app.validation.api_key': 'expired',
            'app.build.id': 'b1',
            'app.login.password': 'changed',
            'user.plan': 'Basic enterprise-2026',
          },
        }),
      ],
    ],
    [
      { name: 'test-runner-in-the-header', about: 'a test’s own span is the parent in the header' },
      [
        span(['vitest', 'internal', 'order tea'], 0, 80, {
          attributes: { 'test.case.name': 'an order', 'test.case.result.status': 'pass' },
          below: [
            span(['orders', 'server', 'POST /orders'], 8, 60, {
              attributes: answered('POST /orders', '/orders', 'localhost:8080'),
              flags: flags.remote,
            }),
          ],
        }),
      ],
    ],
    [
      { name: 'expected-404', about: 'HEAD, to see whether it exists' },
      [
        span(['orders', 'client', 'S3.HeadObject'], 0, 20, {
          attributes: {
            'rpc.system.name': 'aws-api',
            'rpc.method': 'S3/HeadObject',
            'http.response.status_code': 404,
          },
          below: [
            span(['orders', 'client', 'indices.exists'], 30, 20, {
              attributes: {
                'db.system.name': 'elasticsearch',
                'db.operation.name': 'indices.exists',
                'http.request.method': 'HEAD',
                'url.full': 'http://es:9200/orders',
                'http.response.status_code': 404,
              },
            }),
          ],
        }),
      ],
    ],
    [
      {
        name: 'queue-worker',
        about:
          'a job that is taken up seconds later by the same service, and a loop that waits for jobs',
      },
      [
        span(['etl', 'server', 'POST /jobs'], 0, 10, {
          attributes: answered('POST /jobs', '/jobs', undefined, 202),
          below: [
            span(['etl', 'producer', 'publish mail'], 2, 5, {
              attributes: {
                'messaging.system.name': 'redis',
                'messaging.destination.name': 'mail',
              },
              below: [
                span(['etl', 'consumer', 'process mail'], 5_000, 20, {
                  attributes: {
                    'messaging.system.name': 'redis',
                    'messaging.destination.name': 'mail',
                  },
                  flags: flags.remote,
                }),
              ],
            }),
          ],
        }),
      ],
      [
        span(['etl', 'internal', 'worker loop'], 0, 60_000, {
          below: Array.from({ length: 12 }, (_, n) =>
            span(['etl', 'client', 'BRPOPLPUSH'], n * 5_000, 4_990, {
              attributes: { 'db.system.name': 'redis', 'db.operation.name': 'BRPOPLPUSH' },
            }),
          ),
        }),
      ],
    ],
    [
      { name: 'page-cache', about: 'the second answer comes out of the browser’s cache' },
      [wholeClick],
      [
        span(['web', 'client', 'GET'], 900, 0.4, {
          attributes: asked('GET', items, 200),
          flags: flags.local,
        }),
      ],
    ],
  ]
  return cases.map(([about, ...traces], index) => {
    const teller = new Teller(0x300 + index)
    const data = merge(...traces.map((trace) => teller.trace(...trace)))
    return { expected: [], ...about, data }
  })
}

function envoy(cluster: string) {
  return {
    component: 'proxy',
    'http.method': 'GET',
    'http.url': 'http://reviews:9080/reviews/0',
    upstream_cluster: cluster,
    'http.status_code': '200',
    response_flags: '-',
  }
}
