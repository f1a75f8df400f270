/** Tokens for who sends and who reads, and addresses besides loopback, over real sockets. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import {
  openStream,
  pageOrigin,
  postTraces,
  request,
  span,
  spanIdOf,
  startTestCollector,
  type TestCollector,
  temporaryFolder,
  traceIdOf,
  tracesData,
} from './testing.ts'

const ingestToken = 'the-token-of-senders'
const queryToken = 'the-token-of-readers'
const sender = { authorization: `Bearer ${ingestToken}` }
const reader = { authorization: `Bearer ${queryToken}` }
const secret = 'what nobody else may read'

const payload = request('shop', span(traceIdOf(1), spanIdOf(1), { name: secret }))
const json = JSON.stringify(tracesData('shop', span(traceIdOf(2), spanIdOf(1))))

let collector: TestCollector

beforeEach(async () => {
  const viewerDir = temporaryFolder()
  writeFileSync(join(viewerDir, 'viewer.html'), 'the viewer')
  collector = await startTestCollector(temporaryFolder(), {
    exposure: { addresses: [], ingestToken, queryToken },
    viewerDir,
  })
})

async function storedSpans(): Promise<number> {
  return ((await (await collector.query('/healthz', reader)).json()) as { spans: number }).spans
}

const wrong: [what: string, headers: Record<string, string>][] = [
  ['no token', {}],
  ['another token', { authorization: 'Bearer the-token-of-sender' }],
  ["the readers' token", reader],
  ['the token by another scheme', { authorization: `Basic ${ingestToken}` }],
]

describe('a sender over HTTP', () => {
  it.each(wrong)(
    'with %s is refused in its own encoding, and nothing is stored',
    async (_, headers) => {
      const challenge = headers.authorization
        ? 'Bearer realm="pingtrace ingest", error="invalid_token"'
        : 'Bearer realm="pingtrace ingest"'
      const asJson = await postTraces(collector.ports.otlpHttp, json, {
        ...headers,
        'content-type': 'application/json',
      })
      expect(asJson.status).toBe(401)
      expect(asJson.headers.get('www-authenticate')).toBe(challenge)
      expect(asJson.headers.get('content-type')).toBe('application/json')
      const { code, message } = (await asJson.json()) as { code: number; message: string }
      expect(code).toBe(status.UNAUTHENTICATED)
      expect(message).toContain('PINGTRACE_INGEST_TOKEN')

      const asProtobuf = await postTraces(collector.ports.otlpHttp, payload, headers)
      expect(asProtobuf.status).toBe(401)
      expect(asProtobuf.headers.get('www-authenticate')).toBe(challenge)
      expect(asProtobuf.headers.get('content-type')).toBe('application/x-protobuf')
      // google.rpc.Status: code = 1, a varint; message = 2, with its length.
      const bytes = Buffer.from(await asProtobuf.arrayBuffer())
      expect([...bytes.subarray(0, 3)]).toEqual([0x08, status.UNAUTHENTICATED, 0x12])
      expect(bytes.subarray(4).toString()).toBe(message)
      expect(await storedSpans()).toBe(0)
    },
  )

  it.each(['/v1/logs', '/v1/metrics', '/v1development/profiles', '/nowhere'])(
    'is asked for it at %s as well',
    async (path) => {
      const url = `http://127.0.0.1:${collector.ports.otlpHttp}${path}`
      const headers = { 'content-type': 'application/x-protobuf' }
      const response = await fetch(url, { method: 'POST', headers })
      expect(response.status).toBe(401)
    },
  )

  it('with the token is served, in both encodings', async () => {
    const { otlpHttp } = collector.ports
    const type = { 'content-type': 'application/json' }
    expect((await postTraces(otlpHttp, payload, sender)).status).toBe(200)
    expect((await postTraces(otlpHttp, json, { ...sender, ...type })).status).toBe(200)
    expect(await storedSpans()).toBe(2)
  })

  it('that is a page asks ahead without the token, and may read what it was missing', async () => {
    const url = `http://127.0.0.1:${collector.ports.otlpHttp}/v1/traces`
    const preflight = await fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin: pageOrigin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization')
    const headers = { origin: pageOrigin }
    const refused = await postTraces(collector.ports.otlpHttp, payload, headers)
    expect(refused.status).toBe(401)
    expect(refused.headers.get('access-control-allow-origin')).toBe(pageOrigin)
  })

  it('that is a page of strangers is refused with the token too', async () => {
    const headers = { ...sender, origin: 'http://evil.test' }
    expect((await postTraces(collector.ports.otlpHttp, payload, headers)).status).toBe(403)
    expect(await storedSpans()).toBe(0)
  })
})

describe('a sender over gRPC', () => {
  function call(headers: Record<string, string>, service = 'trace.v1.TraceService') {
    const address = `127.0.0.1:${collector.ports.otlpGrpc}`
    const client = new Client(address, credentials.createInsecure())
    onTestFinished(() => client.close())
    const metadata = new Metadata()
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
    const identity = (bytes: Buffer) => bytes
    const path = `/opentelemetry.proto.collector.${service}/Export`
    return new Promise<Buffer>((resolve, reject) => {
      const settle = (error: ServiceError | null, bytes?: Buffer) =>
        error ? reject(error) : resolve(bytes!)
      client.makeUnaryRequest(path, identity, identity, Buffer.from(payload), metadata, settle)
    })
  }

  it.each(wrong)('with %s is UNAUTHENTICATED, and nothing is stored', async (_, headers) => {
    const details = expect.stringContaining('PINGTRACE_INGEST_TOKEN')
    const refusal = { code: status.UNAUTHENTICATED, details }
    await expect(call(headers)).rejects.toMatchObject(refusal)
    await expect(call(headers, 'logs.v1.LogsService')).rejects.toMatchObject(refusal)
    await expect(call(headers, 'no.Such')).rejects.toMatchObject(refusal)
    expect(await storedSpans()).toBe(0)
  })

  it('with the token is served', async () => {
    expect(await call(sender)).toHaveLength(0)
    expect(await storedSpans()).toBe(1)
  })
})

describe('a reader', () => {
  const paths = [
    '/api/v3/services',
    '/api/v3/operations?service=shop',
    `/api/v3/traces/${traceIdOf(1)}`,
    '/live/v1/traces',
    `/live/v1/traces/${traceIdOf(1)}/findings`,
    '/live/v1/stream',
    '/live/v1/search?q=%7B%7D',
    '/mcp',
    '/metrics',
    '/a/path/of/tomorrow',
  ]

  it.each(paths)('of %s is asked for the token, and told nothing without', async (path) => {
    await postTraces(collector.ports.otlpHttp, payload, sender)
    for (const headers of [{}, sender, { authorization: `Bearer ${queryToken}x` }]) {
      const response = await collector.query(path, headers)
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer realm="pingtrace queries"/)
      expect(response.headers.get('cache-control')).toBe('no-store')
      const { error } = (await response.json()) as { error: { httpCode: number; message: string } }
      expect(error.httpCode).toBe(401)
      expect(error.message).toContain('PINGTRACE_QUERY_TOKEN')
    }
  })

  it('with the token gets queries, metrics and the stream', async () => {
    await postTraces(collector.ports.otlpHttp, payload, sender)
    const trace = await collector.query(`/api/v3/traces/${traceIdOf(1)}`, reader)
    expect(await trace.text()).toContain(secret)
    const metrics = await collector.query('/metrics', reader)
    expect(await metrics.text()).toContain('otelcol_receiver_accepted_spans_total')
    const stream = await openStream(collector, '', reader)
    expect((await stream.next()).data.traces).toHaveLength(1)
  })

  it('gets the viewer without, which asks for it, and whether the collector is well', async () => {
    expect(await (await collector.query('/')).text()).toBe('the viewer')
    expect(await (await collector.query('/healthz')).json()).toEqual({ status: 'ok' })
    expect(await (await collector.query('/healthz', reader)).json()).toMatchObject({
      status: 'ok',
      spans: 0,
      sendersNeedToken: true,
    })
  })

  it('that is a listed page may ask with it, and a strange one may not', async () => {
    const asked = { 'access-control-request-headers': 'authorization' }
    const url = `http://127.0.0.1:${collector.ports.query}/live/v1/traces`
    const preflight = (origin: string) =>
      fetch(url, {
        method: 'OPTIONS',
        headers: { ...asked, origin, 'access-control-request-method': 'GET' },
      })
    const listed = await preflight(pageOrigin)
    expect(listed.status).toBe(204)
    expect(listed.headers.get('access-control-allow-headers')).toMatch(/authorization/i)
    expect((await preflight('http://evil.test')).status).toBe(403)
    const refused = await collector.query('/live/v1/traces', { origin: pageOrigin })
    expect(refused.status).toBe(401)
    expect(refused.headers.get('access-control-allow-origin')).toBe(pageOrigin)
    const strange = { ...reader, origin: 'http://evil.test' }
    expect((await collector.query('/live/v1/traces', strange)).status).toBe(403)
  })
})

// Linux has all of 127.0.0.0/8, and so an address besides the one that is always bound.
describe.skipIf(process.platform !== 'linux')('a collector that other machines reach', () => {
  async function statusOf(port: number, path: string, headers: Record<string, string>) {
    const [response] = (await once(
      get({ host: '127.0.0.2', port, path, headers, agent: false }),
      'response',
    )) as [IncomingMessage]
    response.resume()
    return response.statusCode
  }

  it('asks for Host, page and token there too, on all its ports', async () => {
    const open = await startTestCollector(temporaryFolder(), {
      exposure: { addresses: ['0.0.0.0'], ingestToken, queryToken },
      allowedHosts: ['collector.internal'],
    })
    const { query, otlpHttp, otlpGrpc } = open.ports
    const host = `collector.internal:${query}`
    expect(await statusOf(query, '/live/v1/traces', { host, ...reader })).toBe(200)
    expect(await statusOf(query, '/live/v1/traces', { host })).toBe(401)
    expect(await statusOf(query, '/live/v1/traces', { host: 'rebind.test', ...reader })).toBe(403)
    // A GET is none of OTLP's, once it may be asked.
    expect(await statusOf(otlpHttp, '/v1/traces', { host, ...sender })).toBe(405)
    expect(await statusOf(otlpHttp, '/v1/traces', { host })).toBe(401)
    const client = new Client(`127.0.0.2:${otlpGrpc}`, credentials.createInsecure())
    onTestFinished(() => client.close())
    await new Promise<void>((resolve, reject) =>
      client.waitForReady(Date.now() + 60_000, (error) => (error ? reject(error) : resolve())),
    )
  })

  it('listens on this machine alone where it is not told to', async () => {
    const { query, otlpHttp, otlpGrpc } = collector.ports
    for (const port of [query, otlpHttp, otlpGrpc]) {
      await expect(statusOf(port, '/', {})).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    }
  })
})
