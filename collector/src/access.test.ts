/**
 * Who gets in, through the ports of the whole collector and byte by byte, since clients that are
 * libraries would not send most of this. The rules stand in packages/loopback/src/access.ts.
 */
import { once } from 'node:events'
import { connect as connectHttp2, constants as http2 } from 'node:http2'
import { connect } from 'node:net'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { frame } from './receivers/grpc-message.ts'
import {
  pageOrigin,
  request,
  span,
  spanIdOf,
  startTestCollector,
  type TestCollector,
  traceIdOf,
  tracesData,
} from './testing.ts'

const secret = 'what nobody else may read'
const stranger = 'http://evil.test'

let collector: TestCollector

beforeEach(async () => {
  collector = await startTestCollector()
  await collector.send(request('shop', span(traceIdOf(1), spanIdOf(1), { name: secret })))
})

async function storedSpans(): Promise<number> {
  return ((await (await collector.query('/healthz')).json()) as { spans: number }).spans
}

/** Sends bytes and answers all that comes back until the server closes. */
async function exchange(port: number, text: string, address = '127.0.0.1'): Promise<string> {
  const socket = connect(port, address)
  onTestFinished(() => void socket.destroy())
  let answer = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    answer += chunk
  })
  socket.on('error', () => undefined)
  socket.write(text)
  await once(socket, 'close')
  return answer
}

const statuses = (answer: string) => [...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, s]) => s)

const body = JSON.stringify(tracesData('evil', span(traceIdOf(2), spanIdOf(1))))
const json = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`
const close = 'Connection: close\r\n'

/** The one request on each port that would read or write something. */
const doors = {
  query: { method: 'GET', path: `/api/v3/traces/${traceIdOf(1)}`, headers: '', body: '' },
  otlpHttp: { method: 'POST', path: '/v1/traces', headers: json, body },
}

describe.each(['query', 'otlpHttp'] as const)('the port of %s', (name) => {
  const door = doors[name]

  interface Asked {
    target?: string
    version?: string
    method?: string
    headers: string
    connection?: string
  }

  function textOf({ target, version = '1.1', method, headers, connection = close }: Asked): string {
    const line = `${method ?? door.method} ${target ?? door.path} HTTP/${version}\r\n`
    const withBody = method === 'OPTIONS' ? '\r\n' : `${door.headers}\r\n${door.body}`
    return `${line}${headers}${connection}${withBody}`
  }

  const ask = (asked: Asked, address?: string) =>
    exchange(collector.ports[name], textOf(asked), address)

  it.each([
    ['a rebinding Host', { headers: 'Host: rebind.test\r\n' }],
    ['a rebinding Host with our port', { headers: 'Host: rebind.test:16686\r\n' }],
    ['no Host, in HTTP/1.0', { version: '1.0', headers: '' }],
    ['no Host', { headers: '' }],
    ['two Hosts', { headers: 'Host: localhost\r\nHost: rebind.test\r\n' }],
    ['the same Host twice', { headers: 'Host: localhost\r\nHost: localhost\r\n' }],
    [
      'another name in an absolute target',
      { target: `http://rebind.test${door.path}`, headers: 'Host: localhost\r\n' },
    ],
    [
      'our name in an absolute target alone',
      { target: `http://localhost${door.path}`, headers: 'Host: rebind.test\r\n' },
    ],
    ['Origin: null', { headers: 'Host: localhost\r\nOrigin: null\r\n' }],
    ["a stranger's Origin", { headers: `Host: localhost\r\nOrigin: ${stranger}\r\n` }],
    [
      "a stranger's Origin beside a listed one",
      { headers: `Host: localhost\r\nOrigin: ${pageOrigin}\r\nOrigin: ${stranger}\r\n` },
    ],
    [
      "a stranger's preflight",
      {
        method: 'OPTIONS',
        headers:
          `Host: localhost\r\nOrigin: ${stranger}\r\n` +
          `Access-Control-Request-Method: ${door.method}\r\n`,
      },
    ],
    [
      'no Origin, but from another site',
      { headers: 'Host: localhost\r\nSec-Fetch-Site: cross-site\r\n' },
    ],
  ])('refuses %s, reads nothing out and writes nothing', async (_, asked) => {
    const answer = await ask(asked)
    expect(statuses(answer)).toEqual([
      asked.headers === '' && !('version' in asked) ? '400' : '403',
    ])
    expect(answer).not.toMatch(/access-control-allow-origin/i)
    expect(answer).not.toContain(secret)
    expect(await storedSpans()).toBe(1)
  })

  it.each([
    ['localhost', '127.0.0.1'],
    ['LOCALHOST:80', '127.0.0.1'],
    ['127.0.0.1:1', '127.0.0.1'],
    ['[::1]', '::1'],
    ['[::1]:4318', '::1'],
    ['localhost', '::1'],
  ])('answers to %s on %s', async (host, address) => {
    const answer = await ask({ headers: `Host: ${host}\r\n` }, address)
    expect(statuses(answer)).toEqual(['200'])
  })

  it('lets a listed page in from every site', async () => {
    for (const site of ['same-origin', 'same-site', 'cross-site']) {
      const headers = `Host: localhost\r\nOrigin: ${pageOrigin}\r\nSec-Fetch-Site: ${site}\r\n`
      const answer = await ask({ headers })
      expect(statuses(answer)).toEqual(['200'])
      expect(answer).toMatch(new RegExp(`access-control-allow-origin: ${pageOrigin}\r\n`, 'i'))
    }
  })

  it('judges what follows a refusal on the same connection for itself', async () => {
    const headers = 'Host: localhost\r\n'
    const refused = { headers: `Host: localhost\r\nOrigin: ${stranger}\r\n`, connection: '' }
    const answer = await exchange(
      collector.ports[name],
      textOf(refused) + textOf({ headers, connection: '' }) + textOf(refused) + textOf({ headers }),
    )
    expect(statuses(answer)).toEqual(['403', '200', '403', '200'])
  })

  it('takes no request out of the body of a refused one', async () => {
    const inside = textOf({ headers: 'Host: localhost\r\n', connection: '' })
    const outside = `Host: localhost\r\nOrigin: ${stranger}\r\nContent-Length: ${inside.length}\r\n`
    const answer = await exchange(
      collector.ports[name],
      `POST ${door.path} HTTP/1.1\r\n${outside}\r\n${inside}` +
        `GET /nowhere HTTP/1.1\r\nHost: localhost\r\n${close}\r\n`,
    )
    expect(statuses(answer)).toEqual(['403', '404'])
    expect(answer).not.toContain(secret)
    expect(await storedSpans()).toBe(1)
  })
})

/**
 * Its senders are programs, and may call it by any name: no page can get here. Browsers speak
 * HTTP/2 only over TLS, this port only without; and where a proxy stood between, gRPC's content type
 * would need a preflight, which is not answered.
 */
describe('the port of gRPC', () => {
  const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
  const message = () => frame(Buffer.from(request('evil', span(traceIdOf(2), spanIdOf(1)))))

  it.each([
    ['a simple POST', `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n`],
    ['gRPC in HTTP/1', `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/grpc\r\n`],
    ['a preflight', `OPTIONS ${path} HTTP/1.1\r\nHost: localhost\r\nOrigin: ${stranger}\r\n`],
    [
      'an upgrade to HTTP/2',
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n` +
        'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n',
    ],
    [
      'a WebSocket',
      'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n',
    ],
  ])('ends the connection of %s, whatever its body holds', async (_, head) => {
    // HTTP/2's preface inside the body, as a page might try to begin the real thing.
    const inside = `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${message().toString('latin1')}`
    const text = `${head}Content-Length: ${inside.length}\r\n\r\n${inside}`
    const answer = await exchange(collector.ports.otlpGrpc, text)
    // In words, for a program at the wrong port, and with nothing in them that lets a page read it.
    expect(statuses(answer)).toEqual(['400'])
    expect(answer.toLowerCase()).not.toContain('access-control')
    expect(answer).toMatch(/HTTP\/1 on the gRPC port\. [^\r]*$/)
    expect(await storedSpans()).toBe(1)
  })

  async function call(headers: Record<string, string>) {
    const session = connectHttp2(`http://127.0.0.1:${collector.ports.otlpGrpc}`)
    onTestFinished(() => session.destroy())
    const stream = session.request({ ':method': 'POST', ':path': path, ...headers })
    stream.end(message())
    const [answer] = await once(stream, 'response')
    stream.resume()
    await once(stream, 'close')
    return answer as Record<string, unknown>
  }

  it('answers no preflight and no gRPC-Web that a proxy passes on', async () => {
    const preflight = await call({ ':method': 'OPTIONS', origin: stranger })
    expect(preflight[http2.HTTP2_HEADER_STATUS]).toBe(415)
    const web = await call({ 'content-type': 'application/grpc-web', origin: stranger })
    expect(web[http2.HTTP2_HEADER_STATUS]).toBe(415)
    for (const answer of [preflight, web]) {
      expect(answer).not.toHaveProperty('access-control-allow-origin')
    }
    expect(await storedSpans()).toBe(1)
  })

  it('takes the spans of a program by whatever name it calls', async () => {
    const type = { 'content-type': 'application/grpc', te: 'trailers' }
    const answer = await call({ ...type, ':authority': 'collector.internal:4317' })
    expect(answer[http2.HTTP2_HEADER_STATUS]).toBe(200)
    expect(await storedSpans()).toBe(2)
  })
})
