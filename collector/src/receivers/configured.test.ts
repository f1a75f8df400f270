import { Client, credentials, status } from '@grpc/grpc-js'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  postTraces,
  request,
  span,
  spanIdOf,
  startTestCollector,
  temporaryFolder,
  traceIdOf,
} from '../testing.ts'
import { matchesOrigin } from './cors.ts'

// What a configuration file can say of the receivers.

const payload = request('shop', span(traceIdOf(1), spanIdOf(1)))

describe('the origins of cors', () => {
  it.each([
    ['https://a.example', 'https://a.example', true],
    ['https://A.example', 'https://a.EXAMPLE', true],
    ['https://a.example', 'https://a.example.evil', false],
    ['http://localhost:*', 'http://localhost:5173', true],
    ['http://localhost:*', 'http://localhost', false],
    ['https://*.a.example', 'https://x.y.a.example', true],
    ['https://*.a.example', 'https://a.example', false],
    // The text of both ends must be there, not one character for both.
    ['ab*ba', 'aba', false],
  ])('%s means %s: %j', (pattern, origin, expected) => {
    expect(matchesOrigin(pattern, origin)).toBe(expected)
  })
})

async function preflight(allowedHeaders: string[], origin: string): Promise<Response> {
  const cors = { allowedOrigins: ['https://*.app.example'], allowedHeaders, maxAge: 60 }
  const { ports } = await startTestCollector(temporaryFolder(), { receiver: { http: { cors } } })
  return fetch(`http://127.0.0.1:${ports.otlpHttp}/v1/traces`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-tenant',
    },
  })
}

describe('a receiver with cors of its own', () => {
  it('lets the pages of the list send, with the headers of the list', async () => {
    const { headers } = await preflight(['X-Key'], 'https://one.app.example')
    expect(headers.get('access-control-allow-origin')).toBe('https://one.app.example')
    expect(headers.get('access-control-allow-headers')).toBe('content-type, X-Key')
    expect(headers.get('access-control-max-age')).toBe('60')
  })

  it('lets them send any header where the list says so', async () => {
    const { headers } = await preflight(['*'], 'https://one.app.example')
    expect(headers.get('access-control-allow-headers')).toBe('content-type, x-tenant')
  })

  it.each(['http://localhost:5173', 'https://app.example.evil', 'null'])(
    'refuses every other page, those of this machine too: %s',
    async (origin) => {
      const { status: code, headers } = await preflight(['*'], origin)
      expect(code).toBe(403)
      expect(headers.has('access-control-allow-origin')).toBe(false)
    },
  )
})

it('refuses what is over the limits that it is given, in both protocols', async () => {
  const maxBytes = payload.length - 1
  const receiver = { http: { maxBytes }, grpc: { maxBytes } }
  const { ports } = await startTestCollector(temporaryFolder(), { receiver })
  expect((await postTraces(ports.otlpHttp, payload)).status).toBe(413)

  const client = new Client(`127.0.0.1:${ports.otlpGrpc}`, credentials.createInsecure())
  onTestFinished(() => client.close())
  const identity = (bytes: Buffer) => bytes
  const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
  const code = await new Promise((resolve) =>
    client.makeUnaryRequest(path, identity, identity, Buffer.from(payload), (error) =>
      resolve(error?.code),
    ),
  )
  expect(code).toBe(status.RESOURCE_EXHAUSTED)
})
