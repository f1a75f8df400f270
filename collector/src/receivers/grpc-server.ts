import {
  createServer,
  type Http2Server,
  constants as http2,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Server, Socket } from 'node:net'
import { status } from '@grpc/grpc-js'
import { bindLoopback, type LoopbackServer } from '@pingtrace/loopback'
import { contentEncodings } from './compression.ts'
import { classify, unauthorized } from './errors.ts'
import { createGrpcFront } from './grpc-front.ts'
import { frame, GrpcError, GrpcMessage } from './grpc-message.ts'
import { maxRequestBytes } from './limits.ts'
import { adviseGrpcMethod, kindOf } from './otlp-paths.ts'
import type { ReceiverState } from './receiver-state.ts'
import { noteGone, type RequestNote } from './request-log.ts'
import type { HeldMemory } from './request-memory.ts'
import { retryStatus } from './responses.ts'
import { wrongProtocol } from './wrong-protocol.ts'

/**
 * Answers a unary call: message in, message out; `classify` says what an error means. What there is
 * to remember of the call goes into the note.
 */
export type GrpcHandler = (message: Buffer, note: RequestNote) => Promise<Buffer>

/** Of one call; HTTP/2's default, 64 KiB, would make a large request wait for us several times. */
const streamWindowBytes = 1024 * 1024
/** Of all calls of a connection together. */
const connectionWindowBytes = 16 * 1024 * 1024
/** Of one connection at a time; the gRPC project asks for at least 100. */
const maxConcurrentCalls = 256
/** As Node takes of HTTP. Clients are told; Node itself ends a call past 64 KiB. */
const maxHeaderBytes = 16 * 1024

/**
 * A gRPC server for unary calls, on node:http2. The usual library, @grpc/grpc-js, serves streams,
 * interceptors and load reports that nobody needs here, and has no place where a connection that is no
 * HTTP/2 could be told so. HTTP/2 itself (frames, header compression, flow control, pings) is Node's. The rules
 * are those of "gRPC over HTTP/2" (grpc/grpc, doc/PROTOCOL-HTTP2.md).
 *
 * @param handlers by path: `/package.Service/Method`
 * @param port 0 takes a free one
 * @param state has the limits, and counts the answers
 * @param maxBytes of a message, decompressed as well
 * @throws the listen error (EADDRINUSE and so on) after closing what was already bound
 */
export async function serveGrpcOnLoopback(
  handlers: ReadonlyMap<string, GrpcHandler>,
  port: number,
  state: ReceiverState,
  maxBytes = maxRequestBytes,
): Promise<LoopbackServer> {
  const sessions = new Set<ServerHttp2Session>()
  const strangers = new Set<Socket>()
  const http2Server = createGrpcServer(handlers, sessions, state, maxBytes)
  const createFront = () => {
    const front = createGrpcFront(state, strangers, (socket) => {
      http2Server.emit('connection', socket)
    })
    front.maxConnections = state.limits.connections
    return front
  }
  const { servers, port: bound } = await bindLoopback(createFront, port, state.addresses)
  return {
    port: bound,
    close: (graceMs) => {
      for (const socket of strangers) socket.destroy()
      return close(servers, sessions, graceMs)
    },
  }
}

function createGrpcServer(
  handlers: ReadonlyMap<string, GrpcHandler>,
  sessions: Set<ServerHttp2Session>,
  state: ReceiverState,
  maxBytes: number,
): Http2Server {
  const server = createServer({
    settings: {
      initialWindowSize: streamWindowBytes,
      maxConcurrentStreams: maxConcurrentCalls,
      maxHeaderListSize: maxHeaderBytes,
    },
    // In MB. What is under way counts, and past it Node refuses new calls of the connection.
    maxSessionMemory: 64,
  })
  server.on('session', (session) => {
    // Any call is under way for less than that: nobody is there. Clients connect anew by themselves.
    session.setTimeout(state.limits.idleMs, () => session.close())
    session.setLocalWindowSize(connectionWindowBytes)
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
  })
  server.on('stream', (stream, headers) =>
    new Call(stream, state, maxBytes).take(headers, handlers),
  )
  return server
}

/** One call, from its headers to its trailers. */
class Call {
  readonly #stream: ServerHttp2Stream
  readonly #state: ReceiverState
  readonly #held: HeldMemory
  readonly #upload: NodeJS.Timeout
  readonly #note: RequestNote = { transport: 'grpc', kind: 'other', encoding: 'protobuf' }
  #message: GrpcMessage | undefined
  #isAnswered = false
  #deadline: NodeJS.Timeout | undefined

  constructor(stream: ServerHttp2Stream, state: ReceiverState, maxBytes: number) {
    this.#stream = stream
    this.#state = state
    this.#held = state.memory.hold(maxBytes)
    // A sender that goes away in mid-call needs no answer.
    stream.on('error', () => this.#leave())
    stream.once('close', () => this.#leave())
    const { requestMs } = state.limits
    // DEADLINE_EXCEEDED is among what senders try again (specification.md, "Failures").
    this.#upload = setTimeout(() => {
      this.#fail(new GrpcError(status.DEADLINE_EXCEEDED, `no whole message in ${requestMs} ms`))
    }, requestMs)
  }

  take(headers: IncomingHttpHeaders, handlers: ReadonlyMap<string, GrpcHandler>): void {
    const { ':path': path = '', 'user-agent': userAgent, 'grpc-encoding': compression } = headers
    this.#note.userAgent = userAgent
    if (compression !== 'identity') this.#note.compression = compression?.toString()
    this.#note.kind = kindOf('grpc', path)
    if (!handlers.has(path)) this.#note.path = path
    if (!/^application\/grpc(\+proto)?(;|$)/.test(headers['content-type'] ?? '')) {
      // Another kind of client would not understand a status in trailers.
      this.#refuse(http2.HTTP_STATUS_UNSUPPORTED_MEDIA_TYPE)
    } else if (headers[':method'] !== 'POST') {
      this.#refuse(http2.HTTP_STATUS_METHOD_NOT_ALLOWED)
    } else {
      try {
        if (!this.#state.isAuthorized(headers.authorization)) {
          throw new GrpcError(unauthorized.grpcCode, unauthorized.message, unauthorized)
        }
        const handler = handlerOf(path, handlers)
        const message = new GrpcMessage(String(compression ?? 'identity'), this.#held)
        this.#message = message
        this.#setDeadline(headers['grpc-timeout'])
        this.#read(message, handler)
      } catch (error) {
        this.#fail(error)
      }
    }
  }

  #read(message: GrpcMessage, handler: GrpcHandler): void {
    this.#stream.on('data', (chunk: Buffer) => {
      if (this.#isAnswered) return
      try {
        message.add(chunk)
      } catch (error) {
        this.#fail(error)
      }
    })
    this.#stream.once('end', async () => {
      clearTimeout(this.#upload)
      if (this.#isAnswered) return
      try {
        const bytes = await message.read()
        this.#note.bytes = bytes.length
        this.#answer(await handler(bytes, this.#note))
      } catch (error) {
        this.#fail(error)
      } finally {
        message.free()
      }
    })
  }

  #answer(message: Buffer): void {
    if (this.#isAnswered) return
    this.#note.code = status.OK
    this.#settle()
    this.#state.countAnswer('grpc', status.OK)
    const stream = this.#stream
    stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(status.OK) }))
    stream.respond(responseHeaders, { waitForTrailers: true })
    stream.end(frame(message))
  }

  /** "Trailers-Only": the status comes with the headers, and ends the call. */
  #fail(error: unknown): void {
    if (this.#isAnswered) return
    const { code, message, more } = error instanceof GrpcError ? error : failureOf(error)
    const { details, advice } = more
    const outcome = isRetried(code) ? 'retry' : 'refused'
    Object.assign(this.#note, { code, message, advice, outcome })
    this.#settle()
    this.#state.countAnswer('grpc', code)
    const headers: OutgoingHttpHeaders = {
      ...responseHeaders,
      'grpc-status': String(code),
      'grpc-message': encodeMessage(message),
    }
    if (code === status.UNIMPLEMENTED) {
      headers['grpc-accept-encoding'] = `identity, ${contentEncodings}`
    }
    if (details !== undefined) headers['grpc-status-details-bin'] = details.toString('base64')
    this.#end(headers)
  }

  #refuse(httpStatus: number): void {
    const { advice } = wrongProtocol('grpc', 'http2', this.#state.ports)
    const message = `HTTP/2 without gRPC, answered by HTTP's ${httpStatus}`
    Object.assign(this.#note, { outcome: 'refused', message, advice })
    this.#settle()
    this.#end({ ':status': httpStatus })
  }

  #end(headers: OutgoingHttpHeaders): void {
    this.#stream.respond(headers, { endStream: true })
    // What the sender has still to say is read and forgotten, so that it gets to read the answer.
    this.#stream.resume()
  }

  /** A call that is past its deadline is of no use to anybody ("Timeout"). */
  #setDeadline(timeout: string | string[] | undefined): void {
    const milliseconds = readTimeout(timeout)
    if (milliseconds === undefined) return
    this.#deadline = setTimeout(() => {
      this.#fail(new GrpcError(status.DEADLINE_EXCEEDED, 'the deadline of the call has passed'))
    }, milliseconds)
  }

  #leave(): void {
    if (!this.#isAnswered) noteGone(this.#note, this.#message?.announcedBytes)
    this.#settle()
  }

  #settle(): void {
    if (!this.#isAnswered) {
      this.#note.wireBytes = this.#message?.wireBytes
      this.#state.log.add(this.#note)
    }
    this.#isAnswered = true
    this.#held.release()
    clearTimeout(this.#deadline)
    clearTimeout(this.#upload)
  }
}

function handlerOf(path: string, handlers: ReadonlyMap<string, GrpcHandler>): GrpcHandler {
  const handler = handlers.get(path)
  if (handler !== undefined) return handler
  const advice = adviseGrpcMethod(path)
  throw new GrpcError(status.UNIMPLEMENTED, `there is no method ${path}`, { advice })
}

const responseHeaders: OutgoingHttpHeaders = {
  ':status': http2.HTTP_STATUS_OK,
  'content-type': 'application/grpc+proto',
}

/** What the senders of OTLP try again (specification.md, "Failures"), of the codes that we answer. */
function isRetried(code: status): boolean {
  return code === status.UNAVAILABLE || code === status.DEADLINE_EXCEEDED
}

function failureOf(error: unknown): GrpcError {
  const { grpcCode, message, advice, retryAfter } = classify(error)
  const details = retryAfter === undefined ? undefined : retryStatus(grpcCode, message, retryAfter)
  return new GrpcError(grpcCode, message, { details, advice })
}

const unitMs: Record<string, number> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 }
/** What setTimeout can wait for; nobody waits that long. */
const longestTimeoutMs = 2 ** 31 - 1

/** @returns milliseconds; undefined for none, and for what is no TimeoutValue with its unit */
function readTimeout(timeout: string | string[] | undefined): number | undefined {
  const [, value, unit] = /^(\d{1,8})([HMSmun])$/.exec(String(timeout)) ?? []
  if (value === undefined || unit === undefined) return undefined
  return Math.min(Number(value) * unitMs[unit]!, longestTimeoutMs)
}

/** "Status-Message": percent-encoded UTF-8. */
function encodeMessage(message: string): string {
  return message.replace(/[^ -$&-~]/gu, (character) =>
    [...Buffer.from(character)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  )
}

/** Lets calls in flight finish, for at most `graceMs`, then drops what is left. */
async function close(
  servers: readonly Server[],
  sessions: ReadonlySet<ServerHttp2Session>,
  graceMs = 2_000,
): Promise<void> {
  const closed = servers.map(
    (server) => new Promise<void>((resolve) => server.close(() => resolve())),
  )
  for (const session of sessions) session.close()
  const limit = setTimeout(() => {
    for (const session of sessions) session.destroy()
  }, graceMs)
  await Promise.all(closed)
  clearTimeout(limit)
}
