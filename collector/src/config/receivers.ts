import { type CorsSettings, matchesOrigin } from '../receivers/cors.ts'
import type { Place, Problems } from './problems.ts'
import type { Section } from './section.ts'

/** One OTLP receiver, in both protocols. */
export interface ReceiverSettings {
  grpc: { port: number; maxBytes: number }
  http: { port: number; maxBytes: number; cors: CorsSettings }
}

const mebibyte = 1024 * 1024
/** The official Collector's defaults: gRPC's own, and confighttp's. */
const defaultGrpcMebibytes = 4
const defaultHttpBytes = 20 * mebibyte
/** A quarter of what all requests together may have: one that never fits would be retried for ever. */
const largestMebibytes = 64

/** Origins of strangers: a list that has them in it has everybody. */
const strangers = ['https://any.invalid', 'http://any.invalid', 'https://any.invalid:8443', 'null']

/** `receivers.otlp`; undefined where something is wrong. */
export function readOtlpReceiver(section: Section): ReceiverSettings | undefined {
  const { problems } = section
  const protocols = section.section('protocols')
  section.end()
  const grpc = protocols?.section('grpc')
  const http = protocols?.section('http')
  protocols?.end()
  if (grpc === undefined || http === undefined) {
    const what = "pingtrace's collector listens for grpc and http; name both under protocols"
    problems.unsupported(protocols ?? section, what)
    return undefined
  }
  const grpcPort = readPort(grpc, 4317)
  const mebibytes =
    grpc.integer('max_recv_msg_size_mib', 0, largestMebibytes) || defaultGrpcMebibytes
  grpc.end()
  const httpPort = readPort(http, 4318)
  const largest = largestMebibytes * mebibyte
  const maxBytes = http.integer('max_request_body_size', 0, largest) || defaultHttpBytes
  const cors = readCors(http)
  http.end()
  return {
    grpc: { port: grpcPort, maxBytes: mebibytes * mebibyte },
    http: { port: httpPort, maxBytes, cors },
  }
}

/** Both loopback addresses are bound, whichever of them is named. */
function readPort(section: Section, fallback: number): number {
  const endpoint = section.string('endpoint')
  if (endpoint === undefined || endpoint === '') return fallback
  const place = section.placeOf('endpoint')
  const [, host, digits] = /^(.*):(\d{1,5})$/.exec(endpoint) ?? []
  const port = Number(digits)
  if (host === undefined || !(port >= 1 && port <= 65_535)) {
    section.problems.wrong(place, `must be host:port, not "${endpoint}"`)
    return fallback
  }
  if (!/^(localhost|127\.0\.0\.1|\[::1\])$/i.test(host)) {
    const rule = `is on loopback here (localhost:${port}), not on "${host}": PINGTRACE_BIND adds addresses`
    section.problems.unsupported(place, rule)
  }
  return port
}

/** Without it no page may send, as over there. */
function readCors(http: Section): CorsSettings {
  const cors = http.section('cors')
  if (cors === undefined) return { allowedOrigins: [], allowedHeaders: [], maxAge: 0 }
  const allowedOrigins = cors.strings('allowed_origins') ?? []
  const place = cors.placeOf('allowed_origins')
  checkOrigins(allowedOrigins, place, http.problems)
  const allowedHeaders = cors.strings('allowed_headers') ?? []
  const maxAge = cors.integer('max_age', 0) ?? 0
  cors.end()
  return { allowedOrigins, allowedHeaders, maxAge }
}

function checkOrigins(origins: readonly string[], place: Place, problems: Problems): void {
  for (const origin of origins) {
    if ((origin.match(/\*/g)?.length ?? 0) > 1) {
      // Over there the second is a star that no origin has.
      problems.wrong(place, `"${origin}" has more than one *`)
    } else if (strangers.some((stranger) => matchesOrigin(origin, stranger))) {
      problems.unsupported(
        place,
        `"${origin}" lets every page of the internet write: name the hosts`,
      )
    }
  }
}
