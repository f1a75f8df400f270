import { describe, expect, it } from 'vitest'
import { certificate } from './otlp-target.test-support.ts'
import { readForwardSettings } from './settings.ts'

const at = (endpoint: string, rest: Record<string, string> = {}) =>
  readForwardSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...rest })

describe('the variables of an OTLP exporter', () => {
  it.each([{}, { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, { OTEL_EXPORTER_OTLP_HEADERS: 'a=b' }])(
    'ask for nothing without an endpoint: %j',
    (env) => {
      expect(readForwardSettings(env)).toBeUndefined()
    },
  )

  it('default to http/protobuf, no compression and ten seconds', () => {
    expect(at('https://ingest.example:443')).toEqual({
      protocol: 'http/protobuf',
      url: new URL('https://ingest.example/v1/traces'),
      headers: new Map(),
      gzip: false,
      timeoutMs: 10_000,
      tls: {},
    })
  })

  it.each([
    ['http://back.example:4318', 'http://back.example:4318/v1/traces'],
    ['http://back.example/', 'http://back.example/v1/traces'],
    ['https://back.example/otlp/', 'https://back.example/otlp/v1/traces'],
    ['https://back.example/otlp?tenant=1', 'https://back.example/otlp/v1/traces?tenant=1'],
  ])('put the path of traces below %s', (endpoint, url) => {
    expect(at(endpoint)?.url.href).toBe(url)
  })

  it('take the endpoint of traces as it is, and every option of traces before the general one', () => {
    const settings = at('http://general.example', {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://traces.example/in',
      OTEL_EXPORTER_OTLP_HEADERS: 'token=general',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'tenant=traces',
      OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
      OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '2000',
    })
    expect(settings?.url.href).toBe('http://traces.example/in')
    expect([...settings!.headers]).toEqual([['tenant', 'traces']])
    expect(settings?.timeoutMs).toBe(2_000)
  })

  it.each([
    ['https://back.example:443', '', 'https://back.example/'],
    ['http://back.example:4317', '', 'http://back.example:4317/'],
    ['back.example:4317', '', 'https://back.example:4317/'],
    ['back.example:4317', 'true', 'http://back.example:4317/'],
    // The scheme wins.
    ['https://back.example:4317', 'true', 'https://back.example:4317/'],
  ])('by gRPC read %s with INSECURE=%s', (endpoint, insecure, url) => {
    const settings = at(endpoint, {
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_INSECURE: insecure,
    })
    expect(settings?.url.href).toBe(url)
  })

  it('carry headers percent-encoded', () => {
    const headers = at('http://b', {
      OTEL_EXPORTER_OTLP_HEADERS: ' Authorization = Basic%20YTpi=, x-tenant=a%2Cb ,empty=,',
    })?.headers
    expect([...headers!]).toEqual([
      ['authorization', 'Basic YTpi='],
      ['x-tenant', 'a,b'],
      ['empty', ''],
    ])
  })

  it.each([
    ['ENDPOINT', 'back.example:4318', 'must be an http(s) URL'],
    ['ENDPOINT', 'ftp://back.example', 'must be an http(s) URL'],
    ['PROTOCOL', 'http/json', 'must be grpc or http/protobuf, not "http/json"'],
    ['COMPRESSION', 'zstd', 'must be gzip or none'],
    ['TIMEOUT', '10s', 'must be a whole number of milliseconds'],
    ['TIMEOUT', '0', 'must be a whole number of milliseconds'],
    ['CERTIFICATE', '/nowhere/ca.pem', 'cannot be read: ENOENT'],
    ['CERTIFICATE', certificate('README.md'), 'cannot be used'],
    ['CLIENT_CERTIFICATE', certificate('client.pem'), 'needs a CLIENT_KEY as well'],
    ['CLIENT_KEY', certificate('client-key.pem'), 'needs a CLIENT_CERTIFICATE as well'],
    ['TRACES_PROTOCOL', 'thrift', 'must be grpc or http/protobuf'],
  ])('are refused by name: %s=%s', (option, value, reason) => {
    const name = `OTEL_EXPORTER_OTLP_${option}`
    expect(() => at('http://back.example', { [name]: value })).toThrow(`${name} ${reason}`)
  })

  it.each(['secret', 'a b=secret', 'grpc-x=secret', 'x-bin=secret', 'x=%ffsecret', 'x=secret%0A'])(
    'are refused without telling the value: HEADERS=%s',
    (value) => {
      const read = () => at('http://back.example', { OTEL_EXPORTER_OTLP_HEADERS: value })
      expect(read).toThrow('OTEL_EXPORTER_OTLP_HEADERS')
      expect(read).not.toThrow('secret')
    },
  )
})
