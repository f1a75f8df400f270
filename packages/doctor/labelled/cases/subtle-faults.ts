import { type LabelledCase, merge, Teller, type Told } from '../build.ts'
import { answered, asked, flags, span } from './words.ts'

const items = 'https://shop.example/api/items'
const select = {
  'db.system.name': 'postgresql',
  'db.query.text': 'SELECT * FROM orders WHERE id = ?',
  'db.collection.name': 'orders',
}
const message = {
  'messaging.system.name': 'kafka',
  'messaging.destination.name': 'orders',
  'messaging.message.id': 'm-1',
}
const cart = 'http://cart:8080/cart'
const served = answered('GET /cart', '/cart', 'cart:8080')

type Expected = LabelledCase['expected'][number]['rule']

/** One fault each, of those that are hard to see; some of them nobody can see in what is there. */
export function subtleFaults(): LabelledCase[] {
  const cases: [
    about: Omit<LabelledCase, 'expected' | 'data'>,
    expected: [rule: Expected, span: string][],
    ...traces: Told[][],
  ][] = [
    [
      {
        name: 'handler-lost-context',
        about: 'a callback: the SERVER span is empty, the query began a trace of its own',
      },
      [['context-lost', 'GET /orders']],
      [
        span(['frontend', 'server', 'GET /orders'], 0, 50, {
          attributes: answered('GET /orders', '/orders'),
        }),
      ],
      [span(['frontend', 'client', 'SELECT orders'], 2, 45, { attributes: select })],
    ],
    [
      {
        name: 'lost-after-await',
        about: 'the first call nests, the one after the await hangs beside the block',
      },
      [['context-lost', 'load order']],
      [
        span(['web', 'internal', 'checkout clicked'], 0, 200, {
          below: [
            span(['web', 'internal', 'load order'], 1, 190, {
              below: [
                span(['web', 'client', 'GET'], 2, 80, {
                  attributes: asked('GET', 'https://shop.example/api/order', 200),
                }),
              ],
            }),
            span(['web', 'client', 'GET'], 85, 100, {
              attributes: asked('GET', 'https://shop.example/api/order/items', 200),
            }),
          ],
        }),
      ],
    ],
    [
      {
        name: 'lost-after-await-in-its-own-trace',
        about: 'the same in a page without a context manager: the second call begins a trace',
      },
      [['context-lost', 'load order']],
      [
        span(['web', 'internal', 'load order'], 1, 190, {
          below: [
            span(['web', 'client', 'GET'], 2, 80, {
              attributes: asked('GET', 'https://shop.example/api/order', 200),
            }),
          ],
        }),
      ],
      [
        span(['web', 'client', 'GET'], 85, 100, {
          attributes: asked('GET', 'https://shop.example/api/order/items', 200),
        }),
      ],
    ],
    [
      {
        name: 'n-plus-one-behind-repository',
        about: 'an INTERNAL span of the object mapper’s around each query',
      },
      [['n-plus-one', 'SELECT shop.orders']],
      [
        span(['orders', 'server', 'GET /orders'], 0, 300, {
          attributes: answered('GET /orders', '/orders'),
          below: Array.from({ length: 10 }, (_, n) =>
            span(['orders', 'internal', 'OrderRepository.findById'], 5 + n * 20, 18, {
              below: [
                span(['orders', 'client', 'SELECT shop.orders'], 6 + n * 20, 15, {
                  attributes: select,
                }),
              ],
            }),
          ),
        }),
      ],
    ],
    [
      {
        name: 'slept-in-the-middle',
        about: 'a laptop slept three hours within a click, which ends by performance.now()',
      },
      [['clock-jump', 'GET']],
      [
        span(['web', 'internal', 'checkout clicked'], 0, 2_000, {
          below: [
            span(['web', 'client', 'GET'], 100, 80, {
              attributes: asked('GET', 'https://shop.example/api/a', 200),
            }),
            span(['web', 'client', 'GET'], 10_800_500, 90, {
              attributes: asked('GET', 'https://shop.example/api/b', 200),
            }),
          ],
        }),
      ],
    ],
    [
      {
        name: 'stale-header',
        about: 'one carrier for two requests: the second names the first call as its parent',
      },
      [
        ['header-stale', 'GET /api/items'],
        ['header-stale', 'GET'],
      ],
      [
        span(['web', 'client', 'GET'], 0, 50, {
          attributes: asked('GET', items, 200),
          below: [20, 520].map((at) =>
            span(['orders', 'server', 'GET /api/items'], at, 15, {
              attributes: answered('GET /api/items', '/api/items', 'shop.example:443'),
              flags: flags.remote,
            }),
          ),
        }),
      ],
      [span(['web', 'client', 'GET'], 500, 50, { attributes: asked('GET', items, 200) })],
    ],
    [
      {
        name: 'header-dropped-by-a-rewriting-proxy',
        about: 'nginx takes /api off and drops the header; path, host and port differ',
      },
      [
        ['header-absent', 'GET'],
        ['header-absent', 'GET /items'],
      ],
      [span(['web', 'client', 'GET'], 0, 50, { attributes: asked('GET', items, 200) })],
      [
        span(['orders', 'server', 'GET /items'], 20, 15, {
          attributes: answered('GET /items', '/items', 'orders:8080'),
        }),
      ],
    ],
    [
      {
        name: 'secrets-of-many-shapes',
        about: 'keys in headers, a connection string, a command line, a statement, a span’s name',
      },
      [
        ...Array.from({ length: 6 }, (): [Expected, string] => ['secret-in-attribute', 'call']),
        ['secret-in-attribute', 'ALTER USER'],
        ['secret-in-attribute', 'GET /reset?token=9f8e7d6c5b4a39281706'],
        ['high-cardinality-name', 'GET /reset?token=9f8e7d6c5b4a39281706'],
        ['deprecated-attribute', 'call'],
      ],
      [
        span(['orders', 'client', 'call'], 0, 100, {
          attributes: {
            'http.request.header.x-api-key': ['9f8e7d6c5b4a39281706'],
            'http.request.header.x-auth-token': ['9f8e7d6c5b4a39281706'],
            'db.connection_string': 'Server=db;User Id=sa;Password=Hunter2!;Database=shop',
            'app.openai': 'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789',
            'app.dbPassword': 'Hunter2!xyz',
          },
          resource: {
            'process.command_args': [
              'java',
              '-Dspring.datasource.password=Hunter2!',
              '-jar',
              'a.jar',
            ],
          },
          below: [
            span(['orders', 'internal', 'GET /reset?token=9f8e7d6c5b4a39281706'], 20, 10),
            span(['orders', 'client', 'ALTER USER'], 30, 10, {
              attributes: {
                'db.system.name': 'postgresql',
                'db.query.text': "ALTER USER app WITH PASSWORD 'Hunter2!'",
              },
            }),
          ],
        }),
      ],
    ],
    [
      {
        name: 'procedure-failed-unset',
        about: 'UNAVAILABLE and an exception, and the status is unset',
      },
      [
        ['error-without-status', 'oteldemo.CartService/GetCart'],
        ['deprecated-attribute', 'oteldemo.CartService/GetCart'],
      ],
      [
        span(['frontend', 'client', 'oteldemo.CartService/GetCart'], 0, 10, {
          attributes: {
            'rpc.system.name': 'grpc',
            'rpc.method': 'oteldemo.CartService/GetCart',
            'rpc.grpc.status_code': 14,
            'rpc.response.status_code': 'UNAVAILABLE',
            'server.address': 'cart',
          },
          events: [
            {
              name: 'exception',
              at: 9,
              attributes: {
                'exception.type': 'UNAVAILABLE',
                'exception.message': '14 UNAVAILABLE',
              },
            },
          ],
        }),
      ],
    ],
    [
      {
        name: 'unsampled-and-obeyed',
        about: 'the caller’s own flags say so, and the service that obeys has recorded nothing',
      },
      [['header-not-sampled', 'GET']],
      [
        span(['gateway', 'client', 'GET'], 0, 30, {
          attributes: asked('GET', cart, 200),
          flags: flags.unsampled,
        }),
      ],
      [
        span(['gateway', 'client', 'GET'], 500, 30, {
          attributes: asked('GET', cart, 200),
          flags: flags.local,
          below: [
            span(['cart', 'server', 'GET /cart'], 503, 18, {
              attributes: served,
              flags: flags.remote,
            }),
          ],
        }),
      ],
    ],
    [
      {
        name: 'not-waited-for',
        about:
          'an await is missing. Undecidable: work that is meant to go on after the answer looks the same',
      },
      [
        ['child-outside-parent', 'save'],
        ['child-outside-parent', 'audit'],
      ],
      [
        span(['frontend', 'server', 'GET /'], 0, 100, {
          attributes: answered('GET /', '/'),
          below: [
            span(['frontend', 'internal', 'save'], 50, 110),
            span(['frontend', 'internal', 'audit'], 120, 10),
          ],
        }),
      ],
    ],
    [
      { name: 'messaging-without-kinds', about: 'publish and process are INTERNAL' },
      [
        ['wrong-kind', 'publish orders'],
        ['wrong-kind', 'process orders'],
      ],
      [
        span(['checkout', 'server', 'POST /orders'], 0, 50, {
          attributes: answered('POST /orders', '/orders'),
          below: [
            span(['checkout', 'internal', 'publish orders'], 10, 5, {
              attributes: { ...message, 'messaging.operation.type': 'send' },
              below: [
                span(['accounting', 'internal', 'process orders'], 300, 5, {
                  attributes: { ...message, 'messaging.operation.type': 'process' },
                  flags: flags.remote,
                }),
              ],
            }),
          ],
        }),
      ],
    ],
    [
      { name: 'server-ahead-40-ms', about: 'more than its call lasts' },
      [['clock-skew', 'GET /cart']],
      [
        span(['gateway', 'client', 'GET'], 0, 30, {
          attributes: asked('GET', cart, 200),
          below: [
            span(['cart', 'server', 'GET /cart'], 45, 18, {
              attributes: served,
              flags: flags.remote,
            }),
          ],
        }),
      ],
    ],
    [
      { name: 'hosts-3-ms-apart', about: 'what NTP leaves' },
      [['clock-skew', 'GET /cart']],
      [
        span(['gateway', 'client', 'GET'], 0, 30, {
          attributes: asked('GET', cart, 200),
          below: [
            span(['cart', 'server', 'GET /cart'], -2.5, 18, {
              attributes: served,
              flags: flags.remote,
            }),
          ],
        }),
      ],
    ],
    [
      {
        name: 'replica-calls-replica',
        about: 'nothing tells them apart, and the header is lost',
      },
      [
        ['header-absent', 'GET'],
        ['header-absent', 'GET /shard/items'],
      ],
      [
        span(['gateway', 'client', 'GET'], 0, 50, {
          attributes: asked('GET', 'http://gateway:8080/shard/items', 200),
        }),
      ],
      [
        span(['gateway', 'server', 'GET /shard/items'], 10, 30, {
          attributes: answered('GET /shard/items', '/shard/items', 'gateway:8080'),
        }),
      ],
    ],
    [
      { name: 'server-without-kind', about: 'a route, below another process’s call, and INTERNAL' },
      [['wrong-kind', 'GET /cart']],
      [
        span(['gateway', 'client', 'GET'], 0, 50, {
          attributes: asked('GET', cart, 200),
          below: [
            span(['cart', 'internal', 'GET /cart'], 10, 30, {
              attributes: served,
              flags: flags.remote,
            }),
          ],
        }),
      ],
    ],
    [
      { name: 'client-without-kind', about: 'a hand-made span around a fetch to somebody else' },
      [['wrong-kind', 'charge card']],
      [
        span(['orders', 'internal', 'charge card'], 0, 50, {
          attributes: asked('POST', 'https://api.vendor.example/v1/charges', 200),
        }),
      ],
    ],
    [
      { name: 'short-ids-in-names', about: 'orders, users and jobs by their number' },
      ['process order 98765', 'user-48213 login', 'GET /users/jane.doe', 'job 3f9a1c'].map(
        (name): [Expected, string] => ['high-cardinality-name', name],
      ),
      [
        span(['orders', 'internal', 'process order 98765'], 0, 50, {
          below: ['user-48213 login', 'GET /users/jane.doe', 'job 3f9a1c'].map((name, n) =>
            span(['orders', 'internal', name], n * 10, 5),
          ),
        }),
      ],
    ],
    [
      {
        name: 'message-without-context',
        about: 'the consumer extracts nothing: the same message in two traces',
      },
      [
        ['header-absent', 'publish orders'],
        ['header-absent', 'process orders'],
      ],
      [
        span(['checkout', 'producer', 'publish orders'], 0, 8, {
          attributes: { ...message, 'messaging.operation.type': 'send' },
        }),
      ],
      [
        span(['accounting', 'consumer', 'process orders'], 20, 5, {
          attributes: { ...message, 'messaging.operation.type': 'process' },
        }),
      ],
    ],
    [
      {
        name: 'service-that-passes-nothing-on',
        about: 'SERVER and CLIENT span of one process in two traces, each joined on the other side',
      },
      [['context-lost', 'GET /api/o']],
      [
        span(['web', 'client', 'GET'], 0, 100, {
          attributes: asked('GET', 'https://shop.example/api/o', 200),
          below: [
            span(['frontend', 'server', 'GET /api/o'], 10, 80, {
              attributes: answered('GET /api/o', '/api/o', 'shop.example:443'),
              flags: flags.remote,
            }),
          ],
        }),
      ],
      [
        span(['frontend', 'client', 'GET'], 15, 60, {
          attributes: asked('GET', cart, 200),
          below: [
            span(['cart', 'server', 'GET /cart'], 20, 40, {
              attributes: served,
              flags: flags.remote,
            }),
          ],
        }),
      ],
    ],
  ]
  return cases.map(([about, expected, ...traces], index) => {
    const teller = new Teller(0x400 + index)
    const data = merge(...traces.map((trace) => teller.trace(...trace)))
    return { ...about, expected: expected.map(([rule, span]) => ({ rule, span })), data }
  })
}
