import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { certificate } from '../exporters/otlp-target.test-support.ts'
import { defaultRetry } from '../exporters/retry.ts'
import { readConfiguration } from './configuration.ts'

const shipped = readFileSync(fileURLToPath(new URL('../../otelcol.yaml', import.meta.url)), 'utf8')

/** A whole configuration; each part can be another one. */
function yaml(
  parts: { http?: string; processors?: string; exporters?: string; service?: string } = {},
) {
  const { http = '', processors = '', exporters = 'nop:', service } = parts
  const ids = (list: string) => [...list.matchAll(/^(\w[\w/]*):/gm)].map(([, id]) => id).join(', ')
  return [
    'receivers:',
    '  otlp:',
    '    protocols:',
    '      grpc:',
    '      http:',
    ...indent(8, http),
    'processors:',
    ...indent(2, processors),
    'exporters:',
    ...indent(2, exporters),
    'service:',
    ...indent(
      2,
      service ??
        `pipelines:\n  traces:\n    receivers: [otlp]\n    processors: [${ids(processors)}]\n    exporters: [${ids(exporters)}]`,
    ),
  ].join('\n')
}

const indent = (spaces: number, text: string) =>
  text === '' ? [] : text.split('\n').map((line) => `${' '.repeat(spaces)}${line}`)

const read = (source: string, env: Record<string, string> = {}) =>
  readConfiguration(source, 'otel.yaml', env)

/** The lines of the refusal. */
function refusals(source: string, env: Record<string, string> = {}): string[] {
  try {
    read(source, env)
  } catch (error) {
    return (error as Error).message.split('\n')
  }
  throw new Error('it was not refused')
}

const exporterOf = (exporters: string, env: Record<string, string> = {}) =>
  read(yaml({ exporters }), env).exporters[0]

describe('a configuration', () => {
  it('as we ship it is understood whole', () => {
    const { receiver, processors, batch, exporters } = read(shipped, {
      FORWARD_ENDPOINT: 'back.example:4317',
      OTELCOL_HTTP_PORT: '5318',
      FORWARD_TOKEN: 'secret',
    })
    expect(receiver).toEqual({
      grpc: { port: 4317, maxBytes: 20 * 1024 * 1024 },
      http: {
        port: 5318,
        maxBytes: 20_971_520,
        cors: {
          allowedOrigins: ['http://localhost:*', 'http://127.0.0.1:*', 'http://[::1]:*'],
          allowedHeaders: ['Content-Type', 'Authorization', 'Content-Encoding'],
          maxAge: 7_200,
        },
      },
    })
    const mebibyte = 1024 * 1024
    const limits = { checkIntervalMs: 1_000, softBytes: 384 * mebibyte, hardBytes: 512 * mebibyte }
    expect(processors).toEqual([{ kind: 'memory_limiter', limits }])
    expect(batch).toEqual({ timeoutMs: 200, sendBatchSize: 512, sendBatchMaxSize: 2_048 })
    expect(exporters).toMatchObject([
      {
        id: 'otlp_grpc',
        forward: {
          protocol: 'grpc',
          url: new URL('https://back.example:4317'),
          headers: new Map([['authorization', 'secret']]),
          gzip: true,
        },
      },
      { id: 'debug', forward: { protocol: 'debug', verbosity: 'basic' } },
    ])
  })

  it('of nothing but the receivers takes their defaults, and lets no page send', () => {
    expect(read(yaml())).toEqual({
      receiver: {
        grpc: { port: 4317, maxBytes: 4 * 1024 * 1024 },
        http: {
          port: 4318,
          maxBytes: 20 * 1024 * 1024,
          cors: { allowedOrigins: [], allowedHeaders: [], maxAge: 0 },
        },
      },
      processors: [],
      batch: undefined,
      exporters: [],
    })
  })

  it('takes numbers, booleans and lists from variables, and strings as they are written', () => {
    const http =
      'endpoint: localhost:${PORT}\nmax_request_body_size: ${SIZE}\ncors: {allowed_origins: "${ORIGINS}"}'
    const { receiver } = read(yaml({ http }), {
      PORT: '9',
      SIZE: '0x100',
      ORIGINS: '[https://a.example, https://*.b.example]',
    })
    expect(receiver.http).toMatchObject({ port: 9, maxBytes: 256 })
    expect(receiver.http.cors.allowedOrigins).toEqual(['https://a.example', 'https://*.b.example'])
    const headers = exporterOf('otlphttp:\n  endpoint: http://b\n  headers: {number: "${N}"}', {
      N: '007',
    })
    expect(headers?.forward).toMatchObject({ headers: new Map([['number', '007']]) })
  })
})

describe('exporters', () => {
  it.each([
    ['otlp:\n  endpoint: b:4317', 'grpc', 'https://b:4317'],
    ['otlp/two:\n  endpoint: http://b:4317', 'grpc', 'https://b:4317'],
    ['otlp_grpc:\n  endpoint: b:4317\n  tls: {insecure: true}', 'grpc', 'http://b:4317'],
    ['otlp:\n  endpoint: https://b:4317\n  tls: {insecure: true}', 'grpc', 'https://b:4317'],
    ['otlphttp:\n  endpoint: http://b:4318', 'http/protobuf', 'http://b:4318/v1/traces'],
    ['otlp_http:\n  endpoint: https://b/otlp/', 'http/protobuf', 'https://b/otlp/v1/traces'],
    ['otlp_http:\n  traces_endpoint: https://b/in', 'http/protobuf', 'https://b/in'],
  ])('send as %j says', (exporters, protocol, url) => {
    expect(exporterOf(exporters)?.forward).toMatchObject({ protocol, url: new URL(url) })
  })

  it('have a queue, retry, time, compression and TLS of their own', () => {
    const exporters = [
      'otlp:',
      '  endpoint: b:1',
      '  compression: none',
      '  timeout: 1.5s',
      `  tls: {ca_file: ${certificate('ca.pem')}}`,
      '  sending_queue: {enabled: true, queue_size: 50, sizer: items}',
      '  retry_on_failure: {initial_interval: 1s, max_interval: 1m30s, multiplier: 1.5, max_elapsed_time: 0}',
    ].join('\n')
    const exporter = exporterOf(exporters)
    expect(exporter).toMatchObject({
      forward: { gzip: false, timeoutMs: 1_500 },
      queue: { spans: 50 },
      retry: { ...defaultRetry, initialIntervalMs: 1_000, maxIntervalMs: 90_000, multiplier: 1.5 },
    })
    expect(exporter?.forward).toHaveProperty('tls.ca')
  })

  it('are written to a file and to the log', () => {
    const exporters =
      'file:\n  path: spans.json\ndebug:\n  verbosity: detailed\nfile/two:\n  path: x\n  format: proto\n  append: true'
    expect(read(yaml({ exporters })).exporters.map(({ forward }) => forward)).toEqual([
      { protocol: 'file', path: 'spans.json', format: 'json', append: false },
      { protocol: 'debug', verbosity: 'detailed' },
      { protocol: 'file', path: 'x', format: 'proto', append: true },
    ])
  })
})

it('reads the actions of the attributes processor, in order', () => {
  const processors = [
    'attributes/edit:',
    '  actions:',
    '    - {key: a, value: text, action: insert}',
    '    - {key: b, from_attribute: a, action: upsert}',
    '    - {key: c, value: 1.5, action: update}',
    '    - {key: d, value: "${N}", action: update}',
    '    - {key: e, action: delete}',
  ].join('\n')
  expect(read(yaml({ processors }), { N: '-3' }).processors).toEqual([
    {
      kind: 'attributes',
      actions: [
        { action: 'insert', key: 'a', value: { stringValue: 'text' } },
        { action: 'upsert', key: 'b', from: 'a' },
        { action: 'update', key: 'c', value: { doubleValue: 1.5 } },
        { action: 'update', key: 'd', value: { intValue: -3 } },
        { action: 'delete', key: 'e' },
      ],
    },
  ])
})

describe('what is not run here', () => {
  const officially = /; the official Collector takes the same file$/
  it.each<[Parameters<typeof yaml>[0], string]>([
    [{ exporters: 'zipkin:\n  endpoint: x' }, 'otel.yaml:8: exporters.zipkin: '],
    [{ processors: 'tail_sampling:' }, 'otel.yaml:7: processors.tail_sampling: '],
    [{ http: 'endpoint: 0.0.0.0:4318' }, 'otel.yaml:6: receivers.otlp.protocols.http.endpoint: '],
    [{ http: 'tls:\n  cert_file: x' }, 'otel.yaml:6: receivers.otlp.protocols.http.tls: '],
    [
      { http: 'cors:\n  allowed_origins: ["*"]' },
      'otel.yaml:7: receivers.otlp.protocols.http.cors.allowed_origins: ',
    ],
    [
      { http: 'cors:\n  allowed_origins: ["https://*"]' },
      'otel.yaml:7: receivers.otlp.protocols.http.cors.allowed_origins: ',
    ],
    [
      { exporters: 'debug:\n  sampling_initial: 1' },
      'otel.yaml:9: exporters.debug.sampling_initial: ',
    ],
    [
      { exporters: 'otlp:\n  endpoint: b:1\n  compression: zstd' },
      'otel.yaml:10: exporters.otlp.compression: ',
    ],
    [
      { exporters: 'otlp:\n  endpoint: b:1\n  sending_queue:\n    enabled: false' },
      'otel.yaml:11: exporters.otlp.sending_queue.enabled: ',
    ],
    [
      { processors: 'attributes:\n  actions:\n    - key: a\n      action: hash' },
      'otel.yaml:10: processors.attributes.actions[0].action: ',
    ],
    [
      {
        service:
          'telemetry:\n  logs: {level: debug}\npipelines: {traces: {receivers: [otlp], exporters: [nop]}}',
      },
      'otel.yaml:10: service.telemetry: ',
    ],
    [
      {
        service:
          'pipelines:\n  logs: {receivers: [otlp], exporters: [nop]}\n  traces: {receivers: [otlp], exporters: [nop]}',
      },
      'otel.yaml:11: service.pipelines.logs: is dropped here',
    ],
    [
      {
        service:
          'pipelines:\n  traces: {receivers: [otlp], exporters: [nop]}\n  traces/2: {receivers: [otlp], exporters: [nop]}',
      },
      'otel.yaml:12: service.pipelines.traces/2: ',
    ],
  ])('is refused by name and line: %j', (parts, start) => {
    const lines = refusals(yaml(parts))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(officially)
    expect(lines[0]?.startsWith(start), lines[0]).toBe(true)
  })

  it('is told all at once, in the order of the file, sections too', () => {
    const source = `${yaml({ http: 'tls:', exporters: 'kafka:' })}\nextensions:\n  health_check:\nconnectors:`
    expect(refusals(source).map((line) => line.split(': ')[1])).toEqual([
      'receivers.otlp.protocols.http.tls',
      'exporters.kafka',
      'extensions',
      'connectors',
    ])
  })
})

describe('what is wrong', () => {
  it.each<[string, RegExp]>([
    ['', /:1: has no service section/],
    ['[]', /:1: must be a mapping/],
    ['a: b: c', /^otel.yaml:1: /],
    ['receivers:\n  otlp: {}\nreceivers: {}', /:3: .*unique/],
    [yaml({ http: 'endpoint: 4318' }), /endpoint: must be a string$/],
    [yaml({ http: 'endpoint: localhost:x' }), /endpoint: must be host:port/],
    [yaml({ http: 'max_request_body_size: lots' }), /max_request_body_size: must be a number$/],
    [yaml({ http: 'endpoint: ${file:x}' }), /http.endpoint: \$\{file:...\} is not run here/],
    [yaml({ http: 'max_request_body_size: 67108865' }), /at most 67108864$/],
    [yaml({ processors: 'memory_limiter:\n  limit_mib: 5' }), /:7: .*needs a check_interval/],
    [yaml({ processors: 'memory_limiter:\n  check_interval: 1s' }), /needs a limit_mib/],
    [
      yaml({ processors: 'memory_limiter:\n  check_interval: 1\n  limit_mib: 5' }),
      /must be a duration/,
    ],
    [yaml({ processors: 'batch:\n  timeout: soon' }), /:8: .*timeout: must be a duration/],
    [yaml({ exporters: 'otlp:' }), /needs an endpoint/],
    [yaml({ exporters: 'otlp:\n  endpoint: ${env:MISSING}' }), /needs an endpoint/],
    [
      yaml({ exporters: 'otlp:\n  endpoint: b:1\n  tls: {ca_file: /missing.pem}' }),
      /tls: cannot be read/,
    ],
    [yaml({ exporters: 'otlphttp:\n  endpoint: b:1' }), /needs an endpoint/],
    [yaml({ exporters: 'file:' }), /file: needs a path/],
    [yaml({ service: 'pipelines:' }), /has no pipeline for traces/],
    [
      yaml({ service: 'pipelines: {traces: {receivers: [otlp], exporters: [debug]}}' }),
      /"debug" is not defined under exporters/,
    ],
    [
      yaml({ service: 'pipelines: {traces: {receivers: [otlp]}}' }),
      /needs one of exporters at least/,
    ],
    [
      'a: &a [1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e]',
      /over 10000 values/,
    ],
    ['%YAML 1.1\n---\nservice: 2001-12-14', /:3: service: is neither text nor a number/],
    ['a: &a\n  b: *a', /over 10000 values, or 40 levels/],
  ])('is said with its line: %j', (source, message) => {
    const lines = refusals(source)
    expect(
      lines.some((line) => message.test(line)),
      lines.join('\n'),
    ).toBe(true)
    expect(lines.every((line) => /^otel\.yaml:\d+: /.test(line))).toBe(true)
  })

  it('never shows the value of a header', () => {
    const exporters = 'otlp:\n  endpoint: b:1\n  headers: {authorization: "${TOKEN}"}'
    const lines = refusals(yaml({ exporters }), { TOKEN: 'se\ncret' })
    expect(lines).toEqual([
      'otel.yaml:10: exporters.otlp.headers.authorization: is no header that can be sent',
    ])
  })
})

it.each([100, 2_000, 10_000, 100_000])('is refused when it is nested %d levels deep', (depth) => {
  const [line = ''] = refusals(`receivers: ${'['.repeat(depth)}${']'.repeat(depth)}`)
  expect(line.slice(0, 200)).toMatch(/^otel\.yaml:1: .*(or 40 levels|Maximum call stack)/)
})

it('ends with a configuration or with lines that say why not, whatever the file is', () => {
  const lines = [
    ...shipped.split('\n'),
    '- [',
    '&a',
    '*a',
    'a: !!binary x',
    '? {a: b}',
    '\t',
    '<<: *a',
    '"',
  ]
  const damaged = fc
    .array(fc.constantFrom(...lines), { maxLength: 30 })
    .map((some) => some.join('\n'))
  const cut = fc
    .nat({ max: shipped.length })
    .chain((at) =>
      fc
        .string({ maxLength: 5 })
        .map((noise) => shipped.slice(0, at) + noise + shipped.slice(at + 3)),
    )
  fc.assert(
    fc.property(fc.oneof(damaged, cut, fc.string()), (source) => {
      try {
        expect(read(source, { FORWARD_ENDPOINT: 'b:1' }).receiver).toBeDefined()
      } catch (error) {
        expect((error as Error).name).toBe('ConfigurationError')
        expect((error as Error).message).toMatch(/^otel\.yaml:\d+: /)
      }
    }),
    { numRuns: 500 },
  )
})
