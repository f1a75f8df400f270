import type { IncomingMessage, ServerResponse } from 'node:http'
import { status } from '@grpc/grpc-js'
import { challenge } from '@pingtrace/loopback'
import type { TracesConsumer, TracesRequest } from '../consumer.ts'
import { transcodeTraces } from '../otlp/json-to-protobuf.ts'
import { contentEncodings, isKnownEncoding, unknownEncoding } from './compression.ts'
import { answerPreflight, askedOf, type CorsSettings } from './cors.ts'
import { senderOf } from './describe-sender.ts'
import { classify, type Failure, unauthorized } from './errors.ts'
import { freeMemory } from './free-memory.ts'
import { readBody } from './http-body.ts'
import { adviceAgainst } from './other-signals.ts'
import { adviseHttpPath, kindOf, otherPaths, tracesPath } from './otlp-paths.ts'
import type { ReceiverState } from './receiver-state.ts'
import { noteFailure, noteGone, noteOutcome, type RequestNote } from './request-log.ts'
import type { HeldMemory } from './request-memory.ts'
import { type Encoding, exportResponse, fullSuccess, statusBody } from './responses.ts'

export const contentTypes: Record<Encoding, string> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
}

/** What the calls of one receiver have in common. */
export interface HttpReceiver {
  consumer: TracesConsumer
  state: ReceiverState
  maxBytes: number
  /** Left out: every page of this machine may send, with whatever headers. */
  cors: CorsSettings | undefined
}

/**
 * One OTLP/HTTP call, from its headers to its answer. Asked in this order: has it the token, which path,
 * which method, which type and encoding, how long, is it OTLP, is it stored. Every failure is a
 * google.rpc.Status in the request's encoding.
 */
export class HttpCall {
  /** What is remembered of it. */
  readonly note: RequestNote
  readonly #receiver: HttpReceiver
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #held: HeldMemory

  constructor(receiver: HttpReceiver, request: IncomingMessage, response: ServerResponse) {
    this.#receiver = receiver
    this.#request = request
    this.#response = response
    this.#held = receiver.state.memory.hold(receiver.maxBytes)
    this.note = noteOf(request)
  }

  /** Never rejects. */
  async serve(): Promise<void> {
    const { state } = this.#receiver
    try {
      await this.#take()
    } catch (error) {
      if (this.#isGone()) noteGone(this.note, announcedBytes(this.#request))
      else this.#fail(classify(error))
    } finally {
      this.#held.release()
      if (this.#response.headersSent) {
        this.note.code = this.#response.statusCode
        state.countAnswer('http', this.#response.statusCode)
      }
      state.log.add(this.note)
    }
  }

  async #take(): Promise<void> {
    this.#allowOrigin()
    const refusal = this.#refuseStranger() ?? this.#refuse()
    if (refusal !== undefined) return this.#fail(refusal)
    const { consumer, cors, state } = this.#receiver
    if (this.#request.method === 'OPTIONS') return answerPreflight(this.#response, this.note, cors)

    const encoding = encodingOf(this.#request)!
    const compression = contentEncodingOf(this.#request)
    const body = await readBody(this.#request, compression, this.#held, this.note)
    const otherSignal = otherPaths.http.get(pathOf(this.#request))
    if (otherSignal !== undefined) {
      state.dropped.count(otherSignal)
      Object.assign(this.note, { outcome: 'dropped', advice: adviceAgainst(otherSignal) })
      return this.#send(200, fullSuccess(encoding), encoding)
    }
    const decoded = decode(body, encoding)
    try {
      this.note.sender = senderOf(decoded.payload)
      const outcome = await consumer.consumeTraces(decoded)
      noteOutcome(this.note, outcome)
      this.#send(200, exportResponse(outcome, encoding), encoding)
    } finally {
      freeMemory(body)
      freeMemory(decoded.payload)
    }
  }

  /** A sender that went away in mid-upload needs no answer. */
  #isGone(): boolean {
    return this.#request.destroyed && !this.#request.complete
  }

  /**
   * Sets the CORS headers. `Retry-After` must be exposed, or a page's exporter cannot see it; there
   * must be no `no-store`, or Chromium holds on to each unread keepalive body until none is left.
   */
  #allowOrigin(): void {
    const { origin } = this.#request.headers
    if (origin === undefined) return
    this.#response.setHeader('Access-Control-Allow-Origin', origin)
    this.#response.setHeader('Access-Control-Expose-Headers', 'Retry-After')
  }

  /** A browser asks ahead without the token; what it is told then is no secret. */
  #refuseStranger(): Failure | undefined {
    const { method, headers } = this.#request
    const { authorization } = headers
    if (method === 'OPTIONS' || this.#receiver.state.isAuthorized(authorization)) return undefined
    this.#response.setHeader('WWW-Authenticate', challenge('pingtrace ingest', authorization))
    return unauthorized
  }

  /** What is wrong with a request before its body is looked at. */
  #refuse(): Failure | undefined {
    const request = this.#request
    const path = pathOf(request)
    if (path !== tracesPath.http && !otherPaths.http.has(path)) {
      const message = `traces are sent to ${tracesPath.http}`
      const advice = adviseHttpPath(path)
      return { httpStatus: 404, grpcCode: status.NOT_FOUND, message, advice }
    }
    if (request.method === 'OPTIONS') return undefined
    if (request.method !== 'POST') {
      this.#response.setHeader('Allow', 'POST, OPTIONS')
      const message = `telemetry is sent by POST, not ${request.method}`
      const advice = 'Let an OTLP exporter send it; what is stored is read in the viewer.'
      return { httpStatus: 405, grpcCode: status.UNIMPLEMENTED, message, advice }
    }
    if (encodingOf(request) === undefined) {
      const came = request.headers['content-type']
      const types = Object.values(contentTypes).join(' or ')
      const message = `the content type must be ${types}, not ${came ? `“${came.slice(0, 80)}”` : 'none'}`
      const advice = 'Set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf, or the header by hand.'
      return { httpStatus: 415, grpcCode: status.INVALID_ARGUMENT, message, advice }
    }
    const compression = contentEncodingOf(request)
    if (!isKnownEncoding(compression)) {
      // RFC 9110, 15.5.16: says that it was the encoding, not the type.
      this.#response.setHeader('Accept-Encoding', contentEncodings)
      return {
        httpStatus: 415,
        grpcCode: status.INVALID_ARGUMENT,
        ...unknownEncoding(compression),
      }
    }
    return undefined
  }

  #fail(failure: Failure): void {
    const { httpStatus, grpcCode, message, retryAfter } = failure
    noteFailure(this.note, failure)
    if (retryAfter !== undefined) this.#response.setHeader('Retry-After', retryAfter)
    const encoding = encodingOf(this.#request) ?? 'json'
    this.#send(httpStatus, statusBody(grpcCode, message, encoding), encoding)
  }

  #send(code: number, body: Buffer, encoding: Encoding): void {
    const response = this.#response
    response.writeHead(code, {
      'Content-Type': contentTypes[encoding],
      'Content-Length': body.length,
    })
    // A text goes out together with the headers, in one write; nearly all answers are empty or two bytes.
    if (encoding === 'json') response.end(body.toString())
    else if (body.length === 0) response.end()
    else response.end(body)
  }
}

function decode(body: Buffer, encoding: Encoding): TracesRequest {
  return encoding === 'json'
    ? { receiver: 'otlp-http-json', payload: transcodeTraces(body) }
    : { receiver: 'otlp-http-protobuf', payload: body }
}

/** What is known of a request before it is looked at. */
export function noteOf(request: IncomingMessage): RequestNote {
  const { origin, 'user-agent': userAgent } = request.headers
  const path = pathOf(request)
  const isPreflight = request.method === 'OPTIONS'
  const kind = kindOf('http', path)
  const compression = contentEncodingOf(request)
  return {
    transport: 'http',
    kind: isPreflight ? 'preflight' : kind,
    origin,
    userAgent,
    path: path === tracesPath.http || otherPaths.http.has(path) ? undefined : path,
    encoding: encodingOf(request),
    compression: compression === 'identity' ? undefined : compression,
    asked: isPreflight ? askedOf(request) : undefined,
  }
}

function pathOf(request: IncomingMessage): string {
  return request.url?.split('?')[0] ?? ''
}

/** Undefined for content that is not OTLP. Parameters (`; charset=utf-8`) change nothing. */
export function encodingOf(request: IncomingMessage): Encoding | undefined {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type === contentTypes.protobuf) return 'protobuf'
  return type === contentTypes.json ? 'json' : undefined
}

function contentEncodingOf(request: IncomingMessage): string {
  return request.headers['content-encoding']?.trim().toLowerCase() || 'identity'
}

/** Undefined where the sender does not say. */
function announcedBytes(request: IncomingMessage): number | undefined {
  const length = request.headers['content-length']
  return length === undefined ? undefined : Number(length)
}
