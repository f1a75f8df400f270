import { createServer as createHttpServer, type IncomingHttpHeaders } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { bindLoopback } from '@pingtrace/loopback'

/** A request as it came over the wire; of gRPC that is its message with the five bytes before it. */
export interface Recording {
  path: string
  headers: Record<string, string>
  /** Base64. */
  body: string
}

export interface Recorder {
  /** What a client is pointed at. */
  grpc: string
  http: string
  /** Those that came since it was asked last. */
  take(): Recording[]
  close(): void
}

/**
 * Answers whatever comes with full success, and keeps the bytes. It shares nothing with the
 * receivers that its recordings are to test.
 */
export async function startRecorder(): Promise<Recorder> {
  let recordings: Recording[] = []
  const keep = (path: string, headers: IncomingHttpHeaders, body: Buffer) => {
    recordings.push({ path, headers: kept(headers), body: body.toString('base64') })
  }
  const http = await bindLoopback(
    () =>
      createHttpServer(async (request, response) => {
        keep(request.url!, request.headers, await buffer(request))
        const type = request.headers['content-type']!
        response.setHeader('Content-Type', type)
        response.end(type.startsWith('application/json') ? '{}' : '')
      }),
    0,
  )
  const grpc = await bindLoopback(
    () =>
      createHttp2Server().on('stream', async (stream, headers) => {
        keep(headers[':path']!, headers, await buffer(stream))
        stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
        stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true })
        stream.end(Buffer.alloc(5))
      }),
    0,
  )
  const url = ({ servers }: typeof http | typeof grpc) =>
    `http://127.0.0.1:${(servers[0]!.address() as AddressInfo).port}`
  return {
    grpc: url(grpc),
    http: url(http),
    take: () => {
      const taken = recordings
      recordings = []
      return taken
    },
    close: () => {
      for (const server of [...http.servers, ...grpc.servers]) server.close()
    },
  }
}

/** Without those that name the connection, which is another one when the request is sent again. */
function kept(headers: IncomingHttpHeaders): Record<string, string> {
  const entries = Object.entries(headers).filter(
    ([name]) => !/^(:.*|host|connection|content-length|transfer-encoding)$/.test(name),
  )
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}
