import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { status } from '@grpc/grpc-js'
import { isLoopbackOrigin, type LoopbackServer, serveOnLoopback } from '@pingtrace/loopback'
import type { TracesConsumer, TracesRequest } from '../consumer.ts'
import { transcodeTraces } from '../otlp/json-to-protobuf.ts'
import { classify, type Failure } from './errors.ts'
import { contentEncodings, isKnownEncoding, readBody } from './http-body.ts'
import { type Encoding, exportResponse, statusBody } from './responses.ts'

const path = '/v1/traces'
const contentTypes: Record<Encoding, string> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
}
/** Chromium's cap; without it a page asks again before every other export. */
const preflightSeconds = 7_200

/** Receives OTLP/HTTP on both loopback addresses, from SDKs and from pages of this machine. */
export function startOtlpHttp(consumer: TracesConsumer, port: number): Promise<LoopbackServer> {
  return serveOnLoopback(() => createOtlpHttpServer(consumer), port)
}

/**
 * Answers in this order: whose page is it, which path, which method, which type and encoding, how
 * long, is it OTLP, is it stored. Every failure is a google.rpc.Status in the request's encoding.
 */
function createOtlpHttpServer(consumer: TracesConsumer): Server {
  return createServer((request, response) => {
    receive(request, response, consumer).catch((error: unknown) => {
      // A sender that went away in mid-upload needs no answer.
      if (!request.destroyed || request.complete) fail(request, response, classify(error))
    })
  })
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  consumer: TracesConsumer,
): Promise<void> {
  if (!allowOrigin(request, response)) {
    const message = 'only pages of this machine may send'
    return fail(request, response, {
      httpStatus: 403,
      grpcCode: status.PERMISSION_DENIED,
      message,
    })
  }
  const refusal = refuse(request, response)
  if (refusal !== undefined) return fail(request, response, refusal)
  if (request.method === 'OPTIONS') return answerPreflight(request, response)

  const encoding = encodingOf(request)!
  const body = await readBody(request, contentEncodingOf(request))
  const outcome = await consumer.consumeTraces(decode(body, encoding))
  send(response, 200, exportResponse(outcome, encoding), encoding)
}

function decode(body: Buffer, encoding: Encoding): TracesRequest {
  return encoding === 'json'
    ? { receiver: 'otlp-http-json', payload: transcodeTraces(body) }
    : { receiver: 'otlp-http-protobuf', payload: body }
}

/** What is wrong with a request before its body is looked at. */
function refuse(request: IncomingMessage, response: ServerResponse): Failure | undefined {
  if (request.url?.split('?')[0] !== path) {
    const message = `there is only ${path}`
    return { httpStatus: 404, grpcCode: status.NOT_FOUND, message }
  }
  if (request.method === 'OPTIONS') return undefined
  if (request.method !== 'POST') {
    response.setHeader('Allow', 'POST, OPTIONS')
    const message = `spans are sent by POST, not ${request.method}`
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

/**
 * Sets the CORS headers. `Retry-After` must be exposed, or a page's exporter cannot see it; there
 * must be no `no-store`, or Chromium holds on to each unread keepalive body until none is left.
 * @returns false for a page that is not on this machine; a sender that is no page has no origin
 */
function allowOrigin(request: IncomingMessage, response: ServerResponse): boolean {
  response.setHeader('Vary', 'Origin')
  const { origin } = request.headers
  if (origin === undefined) return true
  if (!isLoopbackOrigin(origin)) return false
  response.setHeader('Access-Control-Allow-Origin', origin)
  response.setHeader('Access-Control-Expose-Headers', 'Retry-After')
  return true
}

/** An exporter sends whatever headers it is configured with (a token, a tenant): all are allowed. */
function answerPreflight(request: IncomingMessage, response: ServerResponse): void {
  const asked = request.headers['access-control-request-headers']
  const headers = ['content-type', 'content-encoding', 'authorization', ...(asked ? [asked] : [])]
  response.writeHead(204, {
    Allow: 'POST, OPTIONS',
    'Access-Control-Allow-Methods': 'POST',
    'Access-Control-Allow-Headers': headers.join(', '),
    'Access-Control-Max-Age': preflightSeconds,
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

function fail(request: IncomingMessage, response: ServerResponse, failure: Failure): void {
  const { httpStatus, grpcCode, message, retryAfter } = failure
  if (retryAfter !== undefined) response.setHeader('Retry-After', retryAfter)
  const encoding = encodingOf(request) ?? 'json'
  send(response, httpStatus, statusBody(grpcCode, message, encoding), encoding)
}

function send(response: ServerResponse, code: number, body: Buffer, encoding: Encoding): void {
  response.writeHead(code, {
    'Content-Type': contentTypes[encoding],
    'Content-Length': body.length,
  })
  response.end(body)
}
