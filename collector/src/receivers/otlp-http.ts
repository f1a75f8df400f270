import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { status } from '@grpc/grpc-js'
import {
  challenge,
  guarded,
  isLoopbackOrigin,
  type LoopbackServer,
  reasonToRefuse,
  serveOnLoopback,
} from '@pingtrace/loopback'
import type { TracesConsumer, TracesRequest } from '../consumer.ts'
import { transcodeTraces } from '../otlp/json-to-protobuf.ts'
import { contentEncodings, isKnownEncoding } from './compression.ts'
import { type CorsSettings, matchesOrigin } from './cors.ts'
import { classify, type Failure, unauthorized } from './errors.ts'
import { freeMemory } from './free-memory.ts'
import { readBody } from './http-body.ts'
import { maxRequestBytes } from './limits.ts'
import type { OtherSignal } from './other-signals.ts'
import { ReceiverState } from './receiver-state.ts'
import { headOf, noteOutcome, type RequestNote } from './request-log.ts'
import type { HeldMemory } from './request-memory.ts'
import { type Encoding, exportResponse, fullSuccess, statusBody } from './responses.ts'

const tracesPath = '/v1/traces'
const otherPaths = new Map<string | undefined, OtherSignal>([
  ['/v1/logs', 'logs'],
  ['/v1/metrics', 'metrics'],
  ['/v1development/profiles', 'profiles'],
])
const contentTypes: Record<Encoding, string> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
}
/** Chromium's cap; without it a page asks again before every other export. */
const preflightSeconds = 7_200

export interface HttpSettings {
  /** Of a request, decompressed as well. */
  maxBytes?: number | undefined
  /** Left out: every page of this machine may send, with whatever headers. */
  cors?: CorsSettings | undefined
}

/**
 * Receives OTLP/HTTP on both loopback addresses, from SDKs and from pages of this machine.
 * @param hosts names besides the loopback ones under which it may be addressed
 * @param state what it has in common with the other receivers
 */
export function startOtlpHttp(
  consumer: TracesConsumer,
  port: number,
  hosts: readonly string[] = [],
  state = new ReceiverState(),
  settings: HttpSettings = {},
): Promise<LoopbackServer> {
  const create = () => createOtlpHttpServer(consumer, hosts, state, settings)
  return serveOnLoopback(create, port, state.addresses)
}

/**
 * Answers in this order: whose page is it, has it the token, which path, which method, which type and encoding, how
 * long, is it OTLP, is it stored. Every failure is a google.rpc.Status in the request's encoding.
 */
function createOtlpHttpServer(
  consumer: TracesConsumer,
  hosts: readonly string[],
  state: ReceiverState,
  settings: HttpSettings,
): Server {
  const { cors } = settings
  const isAllowed = (origin: string) =>
    cors?.allowedOrigins.some((pattern) => matchesOrigin(pattern, origin)) ?? false
  const isListed = cors === undefined ? isLoopbackOrigin : isAllowed
  const rules = { hosts, isListed, allowsLinks: false }
  const listener: RequestListener = (request, response) => {
    const held = state.memory.hold(settings.maxBytes ?? maxRequestBytes)
    const note = noteOf(request)
    receive(request, response, consumer, state, settings, held, note)
      .catch((error: unknown) => {
        // A sender that went away in mid-upload needs no answer.
        if (!request.destroyed || request.complete) fail(request, response, classify(error), note)
      })
      .finally(() => {
        held.release()
        if (response.headersSent) {
          note.code = response.statusCode
          state.countAnswer('http', response.statusCode)
        }
        state.log.add(note)
      })
  }
  const { headersMs, requestMs, idleMs, connections } = state.limits
  const timeouts = {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: idleMs,
    // How often Node looks; what is late is that much later at most.
    connectionsCheckingInterval: Math.min(headersMs / 2, 5_000),
  }
  const server = createServer(
    timeouts,
    guarded(
      listener,
      (request) => reasonToRefuse(request, rules),
      (reason, request) => {
        state.log.add({ ...noteOf(request), code: 403, outcome: 'refused', message: reason })
        const encoding = encodingOf(request) ?? 'json'
        const body = statusBody(status.PERMISSION_DENIED, reason, encoding)
        return { contentType: contentTypes[encoding], body }
      },
    ),
  )
  server.maxConnections = connections
  return server
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  consumer: TracesConsumer,
  state: ReceiverState,
  { cors }: HttpSettings,
  held: HeldMemory,
  note: RequestNote,
): Promise<void> {
  allowOrigin(request, response)
  const refusal = refuseStranger(request, response, state) ?? refuse(request, response)
  if (refusal !== undefined) return fail(request, response, refusal, note)
  if (request.method === 'OPTIONS') {
    note.outcome = 'accepted'
    return answerPreflight(request, response, cors)
  }

  const encoding = encodingOf(request)!
  const body = await readBody(request, contentEncodingOf(request), held)
  note.bytes = body.length
  const otherSignal = otherPaths.get(pathOf(request))
  if (otherSignal !== undefined) {
    state.dropped.count(otherSignal)
    note.outcome = 'dropped'
    return send(response, 200, fullSuccess(encoding), encoding)
  }
  const decoded = decode(body, encoding)
  try {
    note.head = headOf(decoded.payload)
    const outcome = await consumer.consumeTraces(decoded)
    noteOutcome(note, outcome)
    send(response, 200, exportResponse(outcome, encoding), encoding)
  } finally {
    freeMemory(body)
    freeMemory(decoded.payload)
  }
}

function decode(body: Buffer, encoding: Encoding): TracesRequest {
  return encoding === 'json'
    ? { receiver: 'otlp-http-json', payload: transcodeTraces(body) }
    : { receiver: 'otlp-http-protobuf', payload: body }
}

/** A browser asks ahead without the token; what it is told then is no secret. */
function refuseStranger(
  { method, headers }: IncomingMessage,
  response: ServerResponse,
  { isAuthorized }: ReceiverState,
): Failure | undefined {
  const { authorization } = headers
  if (method === 'OPTIONS' || isAuthorized(authorization)) return undefined
  response.setHeader('WWW-Authenticate', challenge('pingtrace ingest', authorization))
  return unauthorized
}

/** What is wrong with a request before its body is looked at. */
function refuse(request: IncomingMessage, response: ServerResponse): Failure | undefined {
  const path = pathOf(request)
  if (path !== tracesPath && !otherPaths.has(path)) {
    const message = `traces are sent to ${tracesPath}`
    return { httpStatus: 404, grpcCode: status.NOT_FOUND, message }
  }
  if (request.method === 'OPTIONS') return undefined
  if (request.method !== 'POST') {
    response.setHeader('Allow', 'POST, OPTIONS')
    const message = `telemetry is sent by POST, not ${request.method}`
    return { httpStatus: 405, grpcCode: status.UNIMPLEMENTED, message }
  }
  if (encodingOf(request) === undefined) {
    const message = `the content type must be ${Object.values(contentTypes).join(' or ')}`
    return { httpStatus: 415, grpcCode: status.INVALID_ARGUMENT, message }
  }
  if (!isKnownEncoding(contentEncodingOf(request))) {
    // RFC 9110, 15.5.16: says that it was the encoding, not the type.
    response.setHeader('Accept-Encoding', contentEncodings)
    const message = `the content encoding must be one of ${contentEncodings}, or none`
    return { httpStatus: 415, grpcCode: status.INVALID_ARGUMENT, message }
  }
  return undefined
}

/** What is known of a request before it is looked at. */
function noteOf(request: IncomingMessage): RequestNote {
  const { origin, 'user-agent': userAgent } = request.headers
  const path = pathOf(request)
  const signal = path === tracesPath ? 'traces' : (otherPaths.get(path) ?? 'other')
  const compression = contentEncodingOf(request)
  return {
    transport: 'http',
    kind: request.method === 'OPTIONS' ? 'preflight' : signal,
    origin,
    userAgent,
    encoding: encodingOf(request),
    compression: compression === 'identity' ? undefined : compression,
  }
}

function pathOf(request: IncomingMessage): string | undefined {
  return request.url?.split('?')[0]
}

/**
 * Sets the CORS headers. `Retry-After` must be exposed, or a page's exporter cannot see it; there
 * must be no `no-store`, or Chromium holds on to each unread keepalive body until none is left.
 */
function allowOrigin(request: IncomingMessage, response: ServerResponse): void {
  const { origin } = request.headers
  if (origin === undefined) return
  response.setHeader('Access-Control-Allow-Origin', origin)
  response.setHeader('Access-Control-Expose-Headers', 'Retry-After')
}

/**
 * An exporter sends whatever headers it is configured with (a token, a tenant): all are allowed,
 * unless a list says which. OTLP's content type is never one that goes without saying.
 */
function answerPreflight(
  request: IncomingMessage,
  response: ServerResponse,
  cors: CorsSettings | undefined,
): void {
  const asked = request.headers['access-control-request-headers']
  const listed = cors?.allowedHeaders ?? ['*', 'content-encoding', 'authorization']
  const names = listed.filter((name) => name !== '*')
  const headers = ['content-type', ...names, ...(listed.includes('*') && asked ? [asked] : [])]
  const seconds = cors === undefined ? preflightSeconds : cors.maxAge
  response.writeHead(204, {
    Allow: 'POST, OPTIONS',
    'Access-Control-Allow-Methods': 'POST',
    'Access-Control-Allow-Headers': headers.join(', '),
    ...(seconds > 0 && { 'Access-Control-Max-Age': seconds }),
    Vary: 'Origin, Access-Control-Request-Headers',
  })
  response.end()
}

/** Undefined for content that is not OTLP. Parameters (`; charset=utf-8`) change nothing. */
function encodingOf(request: IncomingMessage): Encoding | undefined {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type === contentTypes.protobuf) return 'protobuf'
  return type === contentTypes.json ? 'json' : undefined
}

function contentEncodingOf(request: IncomingMessage): string {
  return request.headers['content-encoding']?.trim().toLowerCase() || 'identity'
}

function fail(
  request: IncomingMessage,
  response: ServerResponse,
  failure: Failure,
  note: RequestNote,
): void {
  const { httpStatus, grpcCode, message, retryAfter } = failure
  note.outcome = retryAfter === undefined ? 'refused' : 'retry'
  note.message = message
  if (retryAfter !== undefined) response.setHeader('Retry-After', retryAfter)
  const encoding = encodingOf(request) ?? 'json'
  send(response, httpStatus, statusBody(grpcCode, message, encoding), encoding)
}

function send(response: ServerResponse, code: number, body: Buffer, encoding: Encoding): void {
  response.writeHead(code, {
    'Content-Type': contentTypes[encoding],
    'Content-Length': body.length,
  })
  // A text goes out together with the headers, in one write; nearly all answers are empty or two bytes.
  if (encoding === 'json') response.end(body.toString())
  else if (body.length === 0) response.end()
  else response.end(body)
}
