import { once } from 'node:events'
import {
  type ClientHttp2Session,
  connect,
  constants as http2,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { connect as connectTcp } from 'node:net'
import { deflateSync, gzipSync } from 'node:zlib'
import { status } from '@grpc/grpc-js'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { MalformedError } from '../consumer.ts'
import { frame } from './grpc-message.ts'
import { serveGrpcOnLoopback } from './grpc-server.ts'
import { ReceiverState } from './receiver-state.ts'

const path = '/test.Echo/Call'
const limit = 20 * 1024 * 1024

let port: number
let session: ClientHttp2Session
let received: Buffer[]
let behave: (message: Buffer) => Promise<Buffer>

beforeEach(async () => {
  received = []
  behave = async (message) => message
  const handler = (message: Buffer) => {
    received.push(message)
    return behave(message)
  }
  const server = await serveGrpcOnLoopback(new Map([[path, handler]]), 0, new ReceiverState())
  port = server.port
  session = connect(`http://127.0.0.1:${port}`)
  return async () => {
    session.destroy()
    await server.close(0)
  }
})

interface Answer {
  headers: IncomingHttpHeaders
  trailers: IncomingHttpHeaders
  body: Buffer
  status: number
}

/** Sends DATA frame by frame, as a client that nobody foresaw would. */
async function call(data: readonly Uint8Array[], more: OutgoingHttpHeaders = {}): Promise<Answer> {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...more,
  })
  let headers: IncomingHttpHeaders = {}
  let trailers: IncomingHttpHeaders = {}
  stream.on('response', (received) => {
    headers = received
  })
  stream.on('trailers', (received) => {
    trailers = received
  })
  for (const part of data) {
    await new Promise<void>((resolve) => stream.write(part, () => resolve()))
  }
  stream.end()
  const body: Buffer[] = []
  stream.on('data', (chunk: Buffer) => body.push(chunk))
  await once(stream, 'close')
  const code = Number(trailers['grpc-status'] ?? headers['grpc-status'] ?? Number.NaN)
  return { headers, trailers, body: Buffer.concat(body), status: code }
}

function compressed(message: Uint8Array): Buffer {
  const bytes = frame(Buffer.from(message))
  bytes[0] = 1
  return bytes
}

const hello = Buffer.from('hello')

it('answers with a message in DATA and the status in trailers', async () => {
  const answer = await call([frame(hello)])
  expect(answer.headers).toMatchObject({
    ':status': 200,
    'content-type': 'application/grpc+proto',
  })
  expect(answer.body).toEqual(frame(hello))
  expect(answer.trailers['grpc-status']).toBe('0')
})

it('puts a message together that comes byte by byte', async () => {
  const bytes = [...frame(hello)].map((byte) => Uint8Array.of(byte))
  expect((await call(bytes)).body).toEqual(frame(hello))
})

it('reads headers that go on in CONTINUATION frames', async () => {
  const more = { 'x-long': 'x'.repeat(20_000) }
  expect((await call([frame(hello)], more)).body).toEqual(frame(hello))
})

describe('compression', () => {
  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ])('takes a message in %s', async (encoding, compress) => {
    const answer = await call([compressed(compress(hello))], { 'grpc-encoding': encoding })
    expect(answer.body).toEqual(frame(hello))
  })

  it('takes a message that is not compressed although an encoding is named', async () => {
    const answer = await call([frame(hello)], { 'grpc-encoding': 'gzip' })
    expect(answer.body).toEqual(frame(hello))
  })

  it('names the encodings that it knows when it refuses another', async () => {
    const answer = await call([compressed(hello)], { 'grpc-encoding': 'zstd' })
    expect(answer.status).toBe(status.UNIMPLEMENTED)
    expect(answer.headers['grpc-accept-encoding']).toBe('identity, gzip, deflate')
  })

  it('fails a message whose flag or bytes do not fit its encoding', async () => {
    expect((await call([compressed(gzipSync(hello))])).status).toBe(status.INTERNAL)
    const gzip = { 'grpc-encoding': 'gzip' }
    expect((await call([compressed(hello)], gzip)).status).toBe(status.INTERNAL)
    const flag = frame(hello)
    flag[0] = 2
    expect((await call([flag])).status).toBe(status.INTERNAL)
    expect(received).toEqual([])
  })
})

describe('what is not one message', () => {
  it.each<[string, Uint8Array[], status]>([
    ['none', [], status.UNIMPLEMENTED],
    ['two', [frame(hello), frame(hello)], status.UNIMPLEMENTED],
    ['half a prefix', [frame(hello).subarray(0, 3)], status.INTERNAL],
    ['half a message', [frame(hello).subarray(0, 7)], status.INTERNAL],
  ])('%s', async (_name, data, code) => {
    expect((await call(data)).status).toBe(code)
    expect(received).toEqual([])
  })

  it('a length past the limit is refused before its bytes come', async () => {
    const prefix = Buffer.alloc(5)
    prefix.writeUInt32BE(limit + 1, 1)
    expect((await call([prefix])).status).toBe(status.RESOURCE_EXHAUSTED)
  })

  it('bytes past the limit do not stay', async () => {
    const prefix = Buffer.alloc(5)
    prefix.writeUInt32BE(limit, 1)
    const parts = Array.from({ length: 21 }, () => Buffer.alloc(1024 * 1024))
    expect((await call([prefix, ...parts])).status).toBe(status.RESOURCE_EXHAUSTED)
    expect((await call([frame(hello)])).body).toEqual(frame(hello))
  })
})

describe('a deadline', () => {
  it('ends a call that takes longer', async () => {
    behave = () => new Promise(() => undefined)
    const answer = await call([frame(hello)], { 'grpc-timeout': '20m' })
    expect(answer.status).toBe(status.DEADLINE_EXCEEDED)
  })

  it.each(['1H', '99999999H', '30S', 'soon'])('of %s lets it answer', async (timeout) => {
    expect((await call([frame(hello)], { 'grpc-timeout': timeout })).status).toBe(status.OK)
  })
})

it('says what went wrong in percent-encoded words, and nothing after them', async () => {
  behave = async () => {
    throw new MalformedError('100 % wröng\n')
  }
  const answer = await call([frame(hello)])
  expect(answer.status).toBe(status.INVALID_ARGUMENT)
  expect(answer.headers['grpc-message']).toBe('100 %25 wr%C3%B6ng%0A')
  expect(answer.body).toHaveLength(0)
})

describe('what is not gRPC', () => {
  it.each([
    ['application/json', 415],
    ['application/grpc-web', 415],
    ['application/grpc+json', 415],
  ])('%s gets %i', async (type, expected) => {
    const answer = await call([frame(hello)], { 'content-type': type })
    expect(answer.headers[':status']).toBe(expected)
  })

  it('another method than POST gets 405', async () => {
    const answer = await call([], { ':method': 'GET' })
    expect(answer.headers[':status']).toBe(405)
  })

  it('HTTP/1, which is all that pages can send here, ends the connection', async () => {
    const socket = connectTcp(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello`)
    socket.resume()
    await once(socket, 'close')
    expect(received).toEqual([])
    expect((await call([frame(hello)])).status).toBe(status.OK)
  })
})

it('a sender that goes away in mid-call harms no other call', async () => {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
  })
  stream.on('error', () => undefined)
  await new Promise<void>((resolve) => stream.write(frame(hello).subarray(0, 6), () => resolve()))
  stream.close(http2.NGHTTP2_CANCEL)
  await once(stream, 'close')
  expect((await call([frame(hello)])).status).toBe(status.OK)
  expect(received).toEqual([hello])
})

it('lets a call in flight finish when it closes, and takes no new one', async () => {
  let answer: (message: Buffer) => void = () => undefined
  const handler = (message: Buffer) =>
    new Promise<Buffer>((resolve) => {
      received.push(message)
      answer = resolve
    })
  const closing = await serveGrpcOnLoopback(new Map([[path, handler]]), 0, new ReceiverState())
  session.destroy()
  session = connect(`http://127.0.0.1:${closing.port}`)
  const goaway = once(session, 'goaway')
  const answered = call([frame(hello)])
  await expect.poll(() => received).toHaveLength(1)
  const closed = closing.close(5_000)
  await goaway
  answer(hello)
  expect((await answered).body).toEqual(frame(hello))
  await closed
  await expect(once(connectTcp(closing.port, '127.0.0.1'), 'connect')).rejects.toThrow()
})
