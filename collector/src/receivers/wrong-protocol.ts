import type { Duplex } from 'node:stream'
import { kindOf } from './otlp-paths.ts'
import type { RequestNote } from './request-log.ts'

/** What a connection begins with: `other` is none of these. */
export type Spoken = 'tls' | 'http1' | 'http2' | 'other'

/** The ports that the receivers listen on, as far as they do. */
export interface ReceiverPorts {
  http?: number
  grpc?: number
}

/** RFC 9113, 3.4. */
const http2Preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
/** RFC 8446, 5.1: a record of the type `handshake`, of version 3.x. */
const handshake = [22, 3]
/** Of what came first; what is looked at stands at its start. */
const longestHead = 4_096

export function spokenIn(first: Uint8Array): Spoken {
  if (handshake.every((byte, index) => (first[index] ?? byte) === byte)) return 'tls'
  const length = Math.min(first.length, http2Preface.length)
  if (http2Preface.compare(first, 0, length, 0, length) === 0) return 'http2'
  return /^[A-Z]{3,16} /.test(latin1(first.subarray(0, 20))) ? 'http1' : 'other'
}

/** What is wrong with a connection, and what to do about it. */
export function wrongProtocol(
  transport: 'http' | 'grpc',
  spoken: Spoken,
  { http = 4318, grpc = 4317 }: ReceiverPorts,
): { message: string; advice: string } {
  if (spoken === 'tls') {
    return {
      message: 'TLS on a port without it',
      advice:
        transport === 'http'
          ? 'Send to http://, not https://.'
          : 'Send to http://, not https://, or set OTEL_EXPORTER_OTLP_INSECURE=true; in code give the exporter insecure credentials.',
    }
  }
  const useHttp = `Send to port ${http}, with OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf`
  const useGrpc = `Send to port ${grpc}, with OTEL_EXPORTER_OTLP_PROTOCOL=grpc`
  if (transport === 'grpc') {
    return {
      message: spoken === 'http1' ? 'HTTP/1 on the gRPC port' : 'not gRPC, on the gRPC port',
      advice: `${useHttp}, or use grpc here.`,
    }
  }
  return spoken === 'http2'
    ? { message: 'HTTP/2 (gRPC?) on the HTTP port', advice: `${useGrpc}.` }
    : { message: 'no HTTP that can be read', advice: `${useHttp}.` }
}

/** What the first bytes of a request tell of it, where they are HTTP/1. */
export function noteOfHead(transport: 'http' | 'grpc', first: Uint8Array): RequestNote {
  const head = latin1(first.subarray(0, longestHead)).split('\r\n\r\n', 1)[0]!
  const [, method, target] = /^([A-Z]{3,16}) (\S+)/.exec(head) ?? []
  const header = (name: string) => new RegExp(`\\r\\n${name}: *([^\\r]*)`, 'i').exec(head)?.[1]
  // A target without a path is none of a request to us: `*` in the preface of HTTP/2.
  const path = target?.startsWith('/') ? target.split('?')[0] : undefined
  const signal = path === undefined ? 'other' : kindOf('http', path)
  return {
    transport,
    kind: method === 'OPTIONS' ? 'preflight' : signal,
    outcome: 'refused',
    path,
    origin: header('origin'),
    userAgent: header('user-agent'),
  }
}

/** An answer by which whoever speaks HTTP/1 learns why; others see at least that it is one. */
export function answerInWords(socket: Duplex, code: number, words: string): void {
  const body = `${words}\n`
  socket.end(
    [
      `HTTP/1.1 ${code} ${code === 400 ? 'Bad Request' : 'Refused'}`,
      'Content-Type: text/plain; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}

/** The same for HTTP/2: empty SETTINGS, and GOAWAY with HTTP_1_1_REQUIRED (RFC 9113, 6.5, 6.8 and 7). */
export function answerGoAway(socket: Duplex, words: string): void {
  const debugData = Buffer.from(words)
  const settings = frameHeader(0, 4)
  const goAway = frameHeader(8 + debugData.length, 7)
  const lastStreamAndCode = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0x0d])
  socket.end(Buffer.concat([settings, goAway, lastStreamAndCode, debugData]))
}

/** Of a frame of the whole connection, without flags (RFC 9113, 4.1). */
function frameHeader(length: number, type: number): Buffer {
  const header = Buffer.alloc(9)
  header.writeUIntBE(length, 0, 3)
  header[3] = type
  return header
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}
