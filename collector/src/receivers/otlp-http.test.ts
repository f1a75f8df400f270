import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { deflateSync, gzipSync } from 'node:zlib'
import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { MalformedError, type TracesOutcome, type TracesRequest } from '../consumer.ts'
import {
  pageOrigin,
  postTraces,
  request,
  span,
  spanIdOf,
  traceIdOf,
  tracesData,
} from '../testing.ts'
import { startOtlpHttp } from './otlp-http.ts'
import { ReceiverState } from './receiver-state.ts'

const protobuf = request('web', span(traceIdOf(1), spanIdOf(1)))
const json = JSON.stringify(tracesData('web', span(traceIdOf(1), spanIdOf(1))))
const asJson = { 'content-type': 'application/json' }
const limit = 20 * 1024 * 1024

/** What arrived at the consumer, and what it answers next. */
let received: TracesRequest[]
let answer: () => TracesOutcome
let port: number
let state: ReceiverState

beforeEach(async () => {
  received = []
  answer = () => ({ acceptedSpans: 1, rejectedSpans: 0, message: '' })
  const consumeTraces = async (traces: TracesRequest) => {
    received.push(traces)
    return answer()
  }
  state = new ReceiverState()
  const server = await startOtlpHttp({ consumeTraces }, 0, [], state)
  port = server.port
  return () => server.close()
})

const url = (path = '/v1/traces') => `http://127.0.0.1:${port}${path}`
const bytesOf = async (response: Response) => [...new Uint8Array(await response.arrayBuffer())]
/** The first bytes of a google.rpc.Status in protobuf: field 1, then the code. */
const statusCode = async (response: Response) => (await bytesOf(response)).slice(0, 2)

describe('a request', () => {
  it('in protobuf is handed on as it came, and answered by an empty message', async () => {
    const response = await postTraces(port, protobuf)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/x-protobuf')
    expect(await bytesOf(response)).toEqual([])
    expect(received).toEqual([{ receiver: 'otlp-http-protobuf', payload: Buffer.from(protobuf) }])
  })

  it('in JSON becomes the same bytes, and is answered by {}', async () => {
    const response = await postTraces(port, json, {
      'content-type': 'Application/JSON; charset=utf-8',
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.text()).toBe('{}')
    expect(received[0]!.receiver).toBe('otlp-http-json')
    expect(Buffer.from(received[0]!.payload).equals(protobuf)).toBe(true)
  })

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ])('in %s is decompressed', async (encoding, compress) => {
    const response = await postTraces(port, compress(protobuf), { 'content-encoding': encoding })
    expect(response.status).toBe(200)
    expect(Buffer.from(received[0]!.payload).equals(protobuf)).toBe(true)
  })

  it('that is empty succeeds in both encodings', async () => {
    expect((await postTraces(port, '')).status).toBe(200)
    expect((await postTraces(port, '{}', asJson)).status).toBe(200)
    expect(received.map(({ payload }) => payload.length)).toEqual([0, 0])
  })

  it('may come over IPv6, and with a query', async () => {
    const headers = { 'content-type': 'application/x-protobuf' }
    const target = `http://[::1]:${port}/v1/traces?token=x`
    const response = await fetch(target, {
      method: 'POST',
      headers,
      body: new Uint8Array(protobuf),
    })
    expect(response.status).toBe(200)
  })

  it('whose spans were rejected in part is a success that says so', async () => {
    answer = () => ({ acceptedSpans: 1, rejectedSpans: 2, message: 'no ids' })
    const response = await postTraces(port, json, asJson)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      partialSuccess: { rejectedSpans: '2', errorMessage: 'no ids' },
    })
  })
})

describe('a refusal is a Status in the encoding of the request', () => {
  it('400 for what cannot be read', async () => {
    answer = () => {
      throw new MalformedError('a tag at byte 7')
    }
    const asProtobuf = await postTraces(port, 'x')
    expect(asProtobuf.status).toBe(400)
    expect(asProtobuf.headers.get('content-type')).toBe('application/x-protobuf')
    expect(await statusCode(asProtobuf)).toEqual([0x08, 3])

    const inJson = await postTraces(port, '{}', asJson)
    expect(inJson.status).toBe(400)
    expect(await inJson.json()).toEqual({ code: 3, message: 'a tag at byte 7' })
  })

  it('400 for JSON that is none, and for a body that is not compressed as it says', async () => {
    expect((await postTraces(port, '{"resourceSpans":', asJson)).status).toBe(400)
    expect((await postTraces(port, '', asJson)).status).toBe(400)
    const gzip = { 'content-encoding': 'gzip' }
    expect((await postTraces(port, protobuf, gzip)).status).toBe(400)
    expect((await postTraces(port, gzipSync(protobuf).subarray(0, -9), gzip)).status).toBe(400)
    expect(received).toEqual([])
  })

  it('503 with Retry-After when the spans could not be kept, without saying why', async () => {
    answer = () => {
      throw new Error('ENOSPC: /secret/path')
    }
    const response = await postTraces(port, protobuf, { origin: pageOrigin })
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('1')
    expect(response.headers.get('access-control-expose-headers')).toBe('Retry-After')
    const body = Buffer.from(await response.arrayBuffer())
    expect([...body.subarray(0, 2)]).toEqual([0x08, 14])
    expect(body.toString()).not.toContain('secret')
  })

  it('413 past the limit: announced, in chunks, and decompressed', async () => {
    const large = Buffer.alloc(limit + 1)
    const announced = await postTraces(port, large)
    expect(announced.status).toBe(413)
    expect(await statusCode(announced)).toEqual([0x08, 8])

    const bomb = await postTraces(port, gzipSync(large), { 'content-encoding': 'gzip' })
    expect(bomb.status).toBe(413)

    const status = await new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/x-protobuf', 'transfer-encoding': 'chunked' }
      const post = httpRequest(url(), { method: 'POST', headers }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      post.on('error', reject)
      post.end(large)
    })
    expect(status).toBe(413)
    expect(received).toEqual([])
  })

  it('takes exactly the limit', async () => {
    expect((await postTraces(port, Buffer.alloc(limit))).status).toBe(200)
  })

  it('415 for other content types and encodings', async () => {
    for (const type of ['text/plain', 'application/x-protobuf2', '']) {
      const response = await postTraces(port, protobuf, { 'content-type': type })
      expect(response.status, type).toBe(415)
      expect(await response.json()).toMatchObject({ code: 3 })
    }
    const encoded = await postTraces(port, protobuf, { 'content-encoding': 'br' })
    expect(encoded.status).toBe(415)
    expect(encoded.headers.get('accept-encoding')).toBe('gzip, deflate')
    expect(await statusCode(encoded)).toEqual([0x08, 3])
  })

  it('405 for other methods, and 404 for other paths', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const response = await fetch(url(), { method })
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toBe('POST, OPTIONS')
      expect(await response.json()).toMatchObject({ code: 12 })
    }
    for (const path of ['/', '/v1/traces/', '/v1/spans']) {
      const response = await fetch(url(path), { method: 'POST' })
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ code: 5 })
    }
  })
})

describe('every refusal', () => {
  const origin = { origin: 'https://evil.example' }
  const failing = () => {
    throw new Error('full')
  }
  it.each([
    [400, 3, '/v1/traces', {}, undefined],
    [403, 7, '/v1/traces', origin, undefined],
    [404, 5, '/v1/spans', {}, undefined],
    [415, 3, '/v1/traces', { 'content-encoding': 'br' }, undefined],
    [503, 14, '/v1/traces', {}, failing],
  ])(
    'of status %d has a Status of code %d as protobuf and as JSON',
    async (httpStatus, code, path, headers, failure) => {
      answer =
        failure ??
        (() => {
          throw new MalformedError('no')
        })
      const post = (type: string, body: string) =>
        fetch(url(path), { method: 'POST', headers: { 'content-type': type, ...headers }, body })
      const asProtobuf = await post('application/x-protobuf', '')
      expect(asProtobuf.status).toBe(httpStatus)
      expect(asProtobuf.headers.get('content-type')).toBe('application/x-protobuf')
      expect(await statusCode(asProtobuf)).toEqual([0x08, code])
      const inJson = await post('application/json', '{}')
      expect(inJson.status).toBe(httpStatus)
      expect(inJson.headers.get('content-type')).toBe('application/json')
      expect(await inJson.json()).toEqual({ code, message: expect.stringMatching(/./) })
    },
  )

  it.each([
    [405, 12, 'PUT', 1],
    [413, 8, 'POST', limit + 1],
  ])('of status %d is one as well', async (httpStatus, code, method, length) => {
    const body = new Uint8Array(length)
    const headers = { 'content-type': 'application/x-protobuf' }
    const asProtobuf = await fetch(url(), { method, headers, body })
    expect(asProtobuf.status).toBe(httpStatus)
    expect(await statusCode(asProtobuf)).toEqual([0x08, code])
    const inJson = await fetch(url(), { method, headers: asJson, body })
    expect(inJson.status).toBe(httpStatus)
    expect(await inJson.json()).toEqual({ code, message: expect.stringMatching(/./) })
  })
})

describe('other signals', () => {
  const post = (path: string, body: Uint8Array | string, headers: Record<string, string> = {}) =>
    fetch(url(path), {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', ...headers },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    })

  beforeEach(() => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    return () => warn.mockRestore()
  })

  it('are taken, counted and dropped, in every encoding, and their senders see full success', async () => {
    const metrics = { resource: resourceFromAttributes({}), scopeMetrics: [] }
    const inProtobuf = await post(
      '/v1/metrics',
      ProtobufMetricsSerializer.serializeRequest(metrics)!,
    )
    expect(inProtobuf.status).toBe(200)
    expect(inProtobuf.headers.get('content-type')).toBe('application/x-protobuf')
    expect(await bytesOf(inProtobuf)).toEqual([])
    const inJson = await post(
      '/v1/metrics',
      JsonMetricsSerializer.serializeRequest(metrics)!,
      asJson,
    )
    expect(inJson.status).toBe(200)
    expect(await inJson.text()).toBe('{}')
    const gzip = { ...asJson, 'content-encoding': 'gzip' }
    expect((await post('/v1/logs', gzipSync('{}'), gzip)).status).toBe(200)
    expect((await post('/v1development/profiles', '')).status).toBe(200)
    expect(state.dropped.requests).toEqual({ logs: 1, metrics: 2, profiles: 1 })
    expect(console.warn).toHaveBeenCalledTimes(3)
    expect(received).toEqual([])
  })

  it('have the same limits as traces', async () => {
    expect((await post('/v1/logs', Buffer.alloc(limit + 1))).status).toBe(413)
    expect((await post('/v1/logs', '', { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await post('/v1/logs', 'x', { 'content-encoding': 'gzip' })).status).toBe(400)
    expect((await post('/v1/logs', '', { origin: 'https://evil.example' })).status).toBe(403)
    expect((await fetch(url('/v1/logs'))).status).toBe(405)
    expect(state.dropped.requests.logs).toBe(0)
  })
})

describe('a page', () => {
  const preflight = (origin: string, headers: string) =>
    fetch(url(), {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': headers,
      },
    })

  it.each([
    'http://localhost:5173',
    'http://127.0.0.1:3000',
    'http://[::1]:80',
    'https://localhost',
  ])('of this machine may send: %s', async (origin) => {
    const asked = await preflight(origin, 'content-type,x-tenant')
    expect(asked.status).toBe(204)
    expect(asked.headers.get('access-control-allow-origin')).toBe(origin)
    expect(asked.headers.get('access-control-allow-methods')).toBe('POST')
    expect(asked.headers.get('access-control-allow-headers')?.split(/, ?/)).toEqual(
      expect.arrayContaining(['content-type', 'content-encoding', 'authorization', 'x-tenant']),
    )
    expect(asked.headers.get('access-control-max-age')).toBe('7200')
    expect(asked.headers.get('vary')).toContain('Origin')

    const sent = await postTraces(port, json, { ...asJson, origin })
    expect(sent.status).toBe(200)
    expect(sent.headers.get('access-control-allow-origin')).toBe(origin)
    expect(sent.headers.get('vary')).toBe('Origin')
    expect(sent.headers.get('cache-control')).toBeNull()
  })

  it.each([
    'https://evil.example',
    'http://localhost.evil.example',
    'null',
    'http://localhost:5173@e',
  ])('of another is refused by the server itself: %s', async (origin) => {
    const asked = await preflight(origin, 'content-type')
    expect(asked.status).toBe(403)
    const sent = await postTraces(port, json, { ...asJson, origin })
    expect(sent.status).toBe(403)
    expect(await sent.json()).toMatchObject({ code: 7 })
    expect(sent.headers.get('access-control-allow-origin')).toBeNull()
    expect(received).toEqual([])
  })
})

it('a sender that goes away in mid-upload harms nobody else', async () => {
  const unhandled: unknown[] = []
  const note = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', note)
  onTestFinished(() => {
    process.off('unhandledRejection', note)
  })
  const socket = connect(port, '127.0.0.1')
  const head =
    'POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\n'
  const half = `${head}Content-Length: 1000\r\n\r\nhalf a requ`
  await new Promise((resolve) => socket.write(half, resolve))
  // Its answer shows that the server has seen the half request, which was there before it.
  expect((await postTraces(port, protobuf)).status).toBe(200)
  socket.destroy()
  expect((await postTraces(port, protobuf)).status).toBe(200)
  expect(received).toHaveLength(2)
  expect(unhandled).toEqual([])
})
