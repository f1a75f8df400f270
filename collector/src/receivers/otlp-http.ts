import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { status } from '@grpc/grpc-js'
import {
  guarded,
  isLoopbackOrigin,
  type LoopbackServer,
  reasonToRefuse,
  serveOnLoopback,
} from '@pingtrace/loopback'
import type { TracesConsumer } from '../consumer.ts'
import { type CorsSettings, matchesOrigin } from './cors.ts'
import type { Failure } from './errors.ts'
import { contentTypes, encodingOf, HttpCall, type HttpReceiver, noteOf } from './http-call.ts'
import { type ConnectionError, refuseConnection } from './http-refusals.ts'
import { maxRequestBytes } from './limits.ts'
import { ReceiverState } from './receiver-state.ts'
import { noteFailure, type RequestNote } from './request-log.ts'
import { statusBody } from './responses.ts'

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
export async function startOtlpHttp(
  consumer: TracesConsumer,
  port: number,
  hosts: readonly string[] = [],
  state = new ReceiverState(),
  { maxBytes = maxRequestBytes, cors }: HttpSettings = {},
): Promise<LoopbackServer> {
  const create = () => createOtlpHttpServer({ consumer, state, maxBytes, cors }, hosts)
  const server = await serveOnLoopback(create, port, state.addresses)
  state.ports.http = server.port
  return server
}

/** Asks first whose page it is that sends; what comes then stands with HttpCall. */
function createOtlpHttpServer(receiver: HttpReceiver, hosts: readonly string[]): Server {
  const { state, cors } = receiver
  const isAllowed = (origin: string) =>
    cors?.allowedOrigins.some((pattern) => matchesOrigin(pattern, origin)) ?? false
  const isListed = cors === undefined ? isLoopbackOrigin : isAllowed
  const rules = { hosts, isListed, allowsLinks: false }
  const underWay = new WeakMap<Socket, RequestNote>()
  const listener: RequestListener = async (request, response) => {
    const call = new HttpCall(receiver, request, response)
    underWay.set(request.socket, call.note)
    await call.serve()
    underWay.delete(request.socket)
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
        const note = noteOf(request)
        noteFailure(note, refusedByGuard(request, reason))
        state.log.add({ ...note, code: 403 })
        const encoding = encodingOf(request) ?? 'json'
        const body = statusBody(status.PERMISSION_DENIED, reason, encoding)
        return { contentType: contentTypes[encoding], body }
      },
    ),
  )
  server.on('clientError', (error: ConnectionError, socket: Socket) =>
    refuseConnection(error, socket, state, underWay.get(socket)),
  )
  server.maxConnections = connections
  return server
}

function refusedByGuard({ headers }: IncomingMessage, message: string): Failure {
  const advice =
    headers.origin === undefined
      ? undefined
      : 'Pages of this machine may send (localhost, 127.0.0.1, [::1]). For others, list the origin in the cors section of a configuration file (--config).'
  return { httpStatus: 403, grpcCode: status.PERMISSION_DENIED, message, advice }
}
