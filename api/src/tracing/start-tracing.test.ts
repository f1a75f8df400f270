import { DiagLogLevel, propagation } from '@opentelemetry/api'
import { AlwaysOnSampler, type Sampler } from '@opentelemetry/sdk-trace-node'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startOtlpServer } from './otlp-grpc-server.test-support.ts'

const said: string[] = []
const silent = () => undefined
const say = (message: string) => void said.push(message)
const logger = { verbose: silent, debug: silent, info: say, warn: say, error: say }

// Tracing is set up once for a process: each test takes modules, and globals, of its own.
let modules: Awaited<ReturnType<typeof freshModules>>
async function freshModules() {
  vi.resetModules()
  const api = await import('@opentelemetry/api')
  api.trace.disable()
  api.context.disable()
  api.propagation.disable()
  api.diag.setLogger(logger, { logLevel: DiagLogLevel.INFO, suppressOverrideMessage: true })
  return { ...(await import('./start-tracing.ts')), ...(await import('./with-span.ts')) }
}

beforeEach(async () => {
  said.length = 0
  modules = await freshModules()
})
afterEach(() => vi.unstubAllEnvs())

const options = {
  defaultServiceName: 'a-service',
  serviceVersion: '1.2.3',
  defaultEndpoint: 'http://127.0.0.1:1',
}

/** Starts the tracing, makes a span, and answers the resource that it was exported with. */
async function resourceOf(environment: Record<string, string>) {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  const { InMemorySpanExporter } = await import('@opentelemetry/sdk-trace-node')
  const memory = new InMemorySpanExporter()
  const tracing = modules.startTracing({ ...options, connect: () => memory })
  await modules.withSpan('span', {}, async () => undefined)
  await tracing.flush()
  const [span] = memory.getFinishedSpans()
  return span?.resource.attributes
}

test('without a name in the environment, the default is used and said', async () => {
  expect(await resourceOf({})).toMatchObject({
    'service.name': 'a-service',
    'service.version': '1.2.3',
    'telemetry.sdk.language': 'nodejs',
  })
  expect(said.filter((line) => line.includes('a-service'))).toHaveLength(1)
})

test('OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME win, the latter over the former', async () => {
  const attributes = 'service.name=one,service.version=2.0.0,team=red'
  expect(await resourceOf({ OTEL_RESOURCE_ATTRIBUTES: attributes })).toMatchObject({
    'service.name': 'one',
    'service.version': '2.0.0',
    team: 'red',
  })
  modules = await freshModules()
  expect(await resourceOf({ OTEL_SERVICE_NAME: 'two' })).toMatchObject({ 'service.name': 'two' })
  expect(said).toEqual([])
})

test('OTEL_RESOURCE_ATTRIBUTES with a slip in it is thrown away whole, which is told', async () => {
  const slip = { OTEL_RESOURCE_ATTRIBUTES: 'team=red,foo', OTEL_SERVICE_NAME: 'two' }
  const attributes = await resourceOf(slip)
  expect(attributes).not.toHaveProperty('team')
  expect(attributes).toMatchObject({ 'service.name': 'two' })
  expect(said).toHaveLength(1)
  expect(said[0]).toContain('OTEL_RESOURCE_ATTRIBUTES is ignored')
})

test('endpoint and headers come from the environment, and the spans arrive there', async () => {
  const server = await startOtlpServer(() => undefined)
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${server.port}`)
  vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'lightstep-access-token=s3cret')
  const tracing = modules.startTracing(options)
  await modules.withSpan('span', {}, async () => undefined)
  await tracing.shutdown()
  expect(server.accepted).toEqual(['span'])
  expect(server.headers[0]?.get('lightstep-access-token')).toEqual(['s3cret'])
  expect(said.join('\n')).not.toContain('s3cret')
  server.kill()
})

test('exports make no spans: after twenty of them, only ours have arrived', async () => {
  const server = await startOtlpServer(() => undefined)
  const endpoint = `http://127.0.0.1:${server.port}`
  const tracing = modules.startTracing({ ...options, defaultEndpoint: endpoint })
  const names = Array.from({ length: 20 }, (_, i) => `span ${i}`)
  for (const name of names) {
    await modules.withSpan(name, {}, async () => undefined)
    await tracing.flush()
  }
  await tracing.shutdown()
  expect(server.requests).toEqual(names.map((name) => [name]))
  server.kill()
})

/** Which endpoint the spans reach, of those a variable may name and the default. */
async function arrivalsWith(environment: (url: string) => Record<string, string>) {
  const configured = await startOtlpServer(() => undefined)
  const fallback = await startOtlpServer(() => undefined)
  const url = `http://127.0.0.1:${configured.port}`
  for (const [name, value] of Object.entries(environment(url))) vi.stubEnv(name, value)
  const defaultEndpoint = `http://127.0.0.1:${fallback.port}`
  const tracing = modules.startTracing({ ...options, defaultEndpoint })
  await modules.withSpan('span', {}, async () => undefined)
  await tracing.shutdown()
  for (const server of [configured, fallback]) server.kill()
  const headers = [...configured.headers, ...fallback.headers][0]
  return { configured: configured.accepted, fallback: fallback.accepted, headers }
}

const warnings = () => said.filter((line) => !line.includes('calls itself'))

describe('the endpoint', () => {
  test.each([
    ['not set', {}],
    ['empty', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
    ['blank', { OTEL_EXPORTER_OTLP_ENDPOINT: '  ', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ' ' }],
  ])('is the default one when %s', async (_, environment) => {
    const { fallback } = await arrivalsWith(() => environment)
    expect(fallback).toEqual(['span'])
    expect(warnings()).toEqual([])
  })

  test.each(['foo', 'ftp://x', 'http://', ':4317', 'http://a b', 'local host:4317'])(
    'is the default one when it is %j, which is told in one line',
    async (value) => {
      const { fallback } = await arrivalsWith(() => ({ OTEL_EXPORTER_OTLP_ENDPOINT: value }))
      expect(fallback).toEqual(['span'])
      expect(warnings()).toHaveLength(1)
      expect(warnings()[0]).toContain('OTEL_EXPORTER_OTLP_ENDPOINT')
      expect(warnings()[0]).toContain(value)
    },
  )

  test('is never told with the password in it', async () => {
    await arrivalsWith(() => ({ OTEL_EXPORTER_OTLP_ENDPOINT: 'ftp://me:s3cret@x' }))
    expect(warnings().join()).toContain('ftp://***@x')
    expect(warnings().join()).not.toContain('s3cret')
  })

  test('is the general one when the one for traces is none', async () => {
    const { configured } = await arrivalsWith((url) => ({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'foo',
      OTEL_EXPORTER_OTLP_ENDPOINT: ` ${url} `,
    }))
    expect(configured).toEqual(['span'])
    expect(warnings()).toHaveLength(1)
  })

  test('may be host and port alone: without TLS only where that is asked for', async () => {
    const { configured } = await arrivalsWith((url) => ({
      OTEL_EXPORTER_OTLP_ENDPOINT: url.replace('http://', ''),
      OTEL_EXPORTER_OTLP_INSECURE: 'True',
    }))
    expect(configured).toEqual(['span'])
    expect(warnings()).toEqual([])
    vi.stubEnv('OTEL_EXPORTER_OTLP_INSECURE', '')
    modules = await freshModules()
    const tls = await arrivalsWith((url) => ({
      OTEL_EXPORTER_OTLP_ENDPOINT: url.replace('http://', ''),
    }))
    expect(tls.configured).toEqual([])
  })
})

describe('the headers', () => {
  test.each([
    'no pair s3cret',
    'a b=s3cret',
    'token=größe-s3cret',
    'token=%zz-s3cret',
    'token=',
    'x-bin=s3cret',
    '=s3cret',
  ])('leave out %j, and say so without its value', async (entry) => {
    const { configured, headers } = await arrivalsWith((url) => ({
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_HEADERS: `first=1,${entry},last=a%20z`,
    }))
    expect(configured).toEqual(['span'])
    expect(headers?.get('first')).toEqual(['1'])
    expect(headers?.get('last')).toEqual(['a z'])
    expect(warnings()).toHaveLength(1)
    expect(warnings()[0]).toMatch(/^OTEL_EXPORTER_OTLP_HEADERS: entry 2 /)
    expect(said.join()).not.toContain('s3cret')
  })

  test.each(['', '  ', ','])('are none when they are %j', async (value) => {
    const { configured } = await arrivalsWith((url) => ({
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_HEADERS: value,
    }))
    expect(configured).toEqual(['span'])
    expect(warnings()).toEqual([])
  })

  test('name the exporter, and nothing of ours', async () => {
    const { headers } = await arrivalsWith(() => ({}))
    expect(String(headers?.get('user-agent'))).toMatch(
      /^OTel-OTLP-Exporter-JavaScript\/[\d.]+ grpc-node-js\/[\d.]+$/,
    )
  })
})

test('a second call changes nothing', async () => {
  const first = modules.startTracing(options)
  expect(modules.startTracing({ ...options, defaultServiceName: 'another' })).toBe(first)
  expect(said).toHaveLength(1)
})

test('only W3C Trace Context is propagated', () => {
  modules.startTracing(options)
  expect(propagation.fields()).toEqual(['traceparent', 'tracestate'])
})

describe('which traces are recorded', () => {
  const recorded = async (sampler?: Sampler) => {
    const { InMemorySpanExporter } = await import('@opentelemetry/sdk-trace-node')
    const memory = new InMemorySpanExporter()
    const tracing = modules.startTracing({ ...options, sampler, connect: () => memory })
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'
    const { context, propagation } = await import('@opentelemetry/api')
    const caller = propagation.extract(context.active(), { traceparent })
    await context.with(caller, () => modules.withSpan('a part', {}, async () => undefined))
    await modules.withSpan('a root', {}, async () => undefined)
    await tracing.flush()
    return memory.getFinishedSpans().map(({ name }) => name)
  }

  test('what the caller has decided, and every root', async () => {
    expect(await recorded()).toEqual(['a root'])
  })

  test('what OTEL_TRACES_SAMPLER says', async () => {
    vi.stubEnv('OTEL_TRACES_SAMPLER', 'always_off')
    expect(await recorded()).toEqual([])
  })

  test('what the sampler says that is given', async () => {
    expect(await recorded(new AlwaysOnSampler())).toEqual(['a part', 'a root'])
  })

  test('nothing with OTEL_SDK_DISABLED, and contexts are still passed on', async () => {
    vi.stubEnv('OTEL_SDK_DISABLED', 'true')
    expect(await recorded(new AlwaysOnSampler())).toEqual([])
    const api = await import('@opentelemetry/api')
    expect(api.propagation.fields()).toEqual(['traceparent', 'tracestate'])
  })
})
