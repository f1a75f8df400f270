/** Back ends for tests: real TLS servers that check an access token and keep what comes. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import {
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
} from '@grpc/grpc-js'
import { readSpans } from '@pingtrace/otlp'
import { onTestFinished, vi } from 'vitest'
import { decodeTraces } from '../otlp/decode.ts'
import { bytesOf, field } from '../otlp/testing.ts'

export const token = 'secret of the test'

/** The path of a test certificate. */
export function certificate(name: string): string {
  return fileURLToPath(new URL(`./test-certificates/${name}`, import.meta.url))
}

export type Protocol = 'grpc' | 'http/protobuf'

/** What the target does with a request; `fail` may be tried again, `refuse` may not. */
export type Answer =
  | { kind: 'take'; partial?: { rejectedSpans: number; message: string } }
  | { kind: 'throttle'; seconds: number }
  | { kind: 'refuse' }
  | { kind: 'fail' }
  | { kind: 'hang' }

export interface Received {
  /** `performance.now()` */
  at: number
  /** Names, in order. */
  spans: string[]
  headers: Record<string, unknown>
  answer: Answer['kind'] | 'no token'
}

export interface TestTarget {
  port: number
  received: Received[]
  /** The names of all spans that were taken, in order. */
  taken(): string[]
  close(): Promise<void>
}

export interface TargetOptions {
  /** Decides by what came and by how many came before it; takes everything when left out. */
  answer?: (request: Received, index: number) => Answer
  port?: number
  /** Asks for a certificate of the test CA. */
  mutual?: boolean
}

const tls = {
  ca: readFileSync(certificate('ca.pem')),
  cert: readFileSync(certificate('server.pem')),
  key: readFileSync(certificate('server-key.pem')),
}

/** Starts a target on 127.0.0.1; it is closed after the test. */
export async function startTarget(
  protocol: Protocol,
  options: TargetOptions = {},
): Promise<TestTarget> {
  const received: Received[] = []
  const receive: Receive = (body, headers) => {
    const spans = readSpans(decodeTraces(body)).map(({ name }) => name)
    const request: Received = { at: performance.now(), spans, headers, answer: 'no token' }
    const index = received.push(request) - 1
    if (headers['access-token'] !== token) return undefined
    const answer = options.answer?.(request, index) ?? { kind: 'take' }
    request.answer = answer.kind
    return answer
  }
  const start = protocol === 'grpc' ? startGrpc : startHttps
  const { port, close } = await start(receive, options.port ?? 0, options.mutual ?? false)
  onTestFinished(close)
  const taken = () =>
    received.filter(({ answer }) => answer === 'take').flatMap(({ spans }) => spans)
  return { port, received, taken, close }
}

/** Undefined: the token is missing or wrong. */
type Receive = (body: Buffer, headers: Record<string, unknown>) => Answer | undefined
type Started = Promise<{ port: number; close: () => Promise<void> }>

async function startHttps(receive: Receive, port: number, mutual: boolean): Started {
  const server = createServer({ ...tls, requestCert: mutual }, async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const isGzip = request.headers['content-encoding'] === 'gzip'
    const answer = receive(isGzip ? gunzipSync(body) : body, request.headers)
    const send = (code: number, content: Uint8Array, headers = {}) =>
      response
        .writeHead(code, { 'content-type': 'application/x-protobuf', ...headers })
        .end(content)
    if (request.url !== '/v1/traces') return send(404, statusMessage('no such path'))
    if (answer === undefined) return send(401, statusMessage('wrong token'))
    if (answer.kind === 'take') return send(200, success(answer.partial))
    if (answer.kind === 'refuse') return send(400, statusMessage('not what we like'))
    if (answer.kind === 'fail') return send(503, statusMessage('overloaded'))
    if (answer.kind === 'throttle') {
      send(429, statusMessage('too many'), { 'retry-after': String(answer.seconds) })
    }
    return undefined
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const same = (bytes: Buffer) => bytes
const service: ServiceDefinition = {
  export: {
    path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  },
}

async function startGrpc(receive: Receive, port: number, mutual: boolean): Started {
  const server = new Server()
  const handle: handleUnaryCall<Buffer, Buffer> = ({ request, metadata }, done) => {
    const answer = receive(request, metadata.getMap())
    const fail = (code: status, details: string, trailer = new Metadata()) =>
      done({ code, details, metadata: trailer })
    if (answer === undefined) return fail(status.UNAUTHENTICATED, 'wrong token')
    if (answer.kind === 'take') return done(null, Buffer.from(success(answer.partial)))
    if (answer.kind === 'refuse') return fail(status.INVALID_ARGUMENT, 'not what we like')
    if (answer.kind === 'fail') return fail(status.UNAVAILABLE, 'overloaded')
    if (answer.kind === 'throttle') {
      const trailer = new Metadata()
      trailer.set('grpc-status-details-bin', Buffer.from(retryInfo(answer.seconds)))
      return fail(status.RESOURCE_EXHAUSTED, 'too many', trailer)
    }
  }
  server.addService(service, { export: handle })
  const pair = [{ private_key: tls.key, cert_chain: tls.cert }]
  const credentials = ServerCredentials.createSsl(tls.ca, pair, mutual)
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error, taken) =>
      error === null ? resolve(taken) : reject(error),
    )
  })
  return {
    port: bound,
    close: () => {
      server.forceShutdown()
      return Promise.resolve()
    },
  }
}

/** ExportTraceServiceResponse, with a partial success or without. */
function success(partial?: { rejectedSpans: number; message: string }): Uint8Array {
  if (partial === undefined) return bytesOf()
  return field(1, bytesOf(field(1, partial.rejectedSpans), field(2, partial.message)))
}

/** google.rpc.Status */
function statusMessage(message: string): Uint8Array {
  return bytesOf(field(1, 3), field(2, message))
}

/** google.rpc.Status with a google.rpc.RetryInfo among its details. */
function retryInfo(seconds: number): Uint8Array {
  const duration = bytesOf(field(1, Math.floor(seconds)), field(2, Math.round((seconds % 1) * 1e9)))
  const any = bytesOf(
    field(1, 'type.googleapis.com/google.rpc.RetryInfo'),
    field(2, field(1, duration)),
  )
  return bytesOf(field(1, status.RESOURCE_EXHAUSTED), field(3, any))
}

/** The machine may be busy: only a condition that never comes true ends this. */
export const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 15_000 })

/** What the collector writes to its log, a line each. */
export function recordLog(): string[] {
  const lines: string[] = []
  for (const level of ['log', 'warn'] as const) {
    const spy = vi.spyOn(console, level).mockImplementation((line) => void lines.push(String(line)))
    onTestFinished(() => spy.mockRestore())
  }
  return lines
}

/** The variables that send spans to a target, with its token. */
export function environment(protocol: Protocol, port: number): Record<string, string> {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: `https://localhost:${port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    OTEL_EXPORTER_OTLP_HEADERS: `access-token=${encodeURIComponent(token)}`,
    OTEL_EXPORTER_OTLP_CERTIFICATE: certificate('ca.pem'),
  }
}
