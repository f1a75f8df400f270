import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'

export const endpointVariable = 'OTEL_EXPORTER_OTLP_ENDPOINT'

type Environment = Record<string, string | undefined>

/** Where to send what is accepted, and how. */
export interface ForwardSettings {
  protocol: 'grpc' | 'http/protobuf'
  /** In full: with the path under which traces are taken over HTTP; of gRPC only the host counts. */
  url: URL
  headers: ReadonlyMap<string, string>
  gzip: boolean
  /** For one attempt. */
  timeoutMs: number
  /** PEM. Absent: the CAs that Node trusts, no certificate of our own. */
  tls: { ca?: Buffer; cert?: Buffer; key?: Buffer }
}

/**
 * Reads the standard variables of an OTLP exporter (opentelemetry-specification,
 * protocol/exporter.md): `OTEL_EXPORTER_OTLP_ENDPOINT`, `_PROTOCOL`, `_HEADERS`, `_COMPRESSION`,
 * `_TIMEOUT`, `_CERTIFICATE`, `_CLIENT_CERTIFICATE`, `_CLIENT_KEY` and `_INSECURE`. Each has a form
 * for traces alone, `OTEL_EXPORTER_OTLP_TRACES_...`, which takes the general one's place, headers
 * included: a token is for one endpoint.
 *
 * Whoever starts a collector with these variables wants its spans there. Under `npm start` the
 * collector is the one process that gets them (scripts/stack.ts says why).
 *
 * @returns undefined when no endpoint is set: then nothing is forwarded
 * @throws Error that names the variable; never with the value of a header, which may be a secret
 */
export function readForwardSettings(env: Environment): ForwardSettings | undefined {
  const read = variables(env)
  const endpoint = read('ENDPOINT')
  if (endpoint === undefined) return undefined
  const protocol = readProtocol(read('PROTOCOL'))
  const compression = read('COMPRESSION')?.text ?? 'none'
  if (compression !== 'gzip' && compression !== 'none') {
    throw wrong(read('COMPRESSION'), 'must be gzip or none')
  }
  return {
    protocol,
    url: protocol === 'grpc' ? grpcUrl(endpoint, read('INSECURE')) : httpUrl(endpoint),
    headers: readHeaders(read('HEADERS')),
    gzip: compression === 'gzip',
    timeoutMs: readTimeout(read('TIMEOUT')),
    tls: readTls(read('CERTIFICATE'), read('CLIENT_CERTIFICATE'), read('CLIENT_KEY')),
  }
}

interface Variable {
  name: string
  text: string
}

/** An empty variable counts as unset (opentelemetry-specification, configuration). */
function variables(env: Environment): (option: string) => Variable | undefined {
  return (option) => {
    for (const name of [`OTEL_EXPORTER_OTLP_TRACES_${option}`, `OTEL_EXPORTER_OTLP_${option}`]) {
      const text = env[name]?.trim()
      if (text) return { name, text }
    }
    return undefined
  }
}

/** http/protobuf is the default that the specification asks for. */
function readProtocol(variable: Variable | undefined): ForwardSettings['protocol'] {
  const protocol = variable?.text ?? 'http/protobuf'
  if (protocol === 'grpc' || protocol === 'http/protobuf') return protocol
  throw wrong(variable, `must be grpc or http/protobuf, not "${protocol}"`)
}

/** The general endpoint is a base that traces have a path below; the one for traces is used as is. */
function httpUrl({ name, text }: Variable): URL {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    throw wrong({ name, text }, 'must be an http(s) URL')
  }
  const url = new URL(text)
  if (!name.includes('_TRACES_')) url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/traces`
  return url
}

/** A URL's scheme decides whether there is TLS; a bare `host:port` leaves that to INSECURE. */
function grpcUrl(endpoint: Variable, insecure: Variable | undefined): URL {
  const isInsecure = insecure?.text.toLowerCase() === 'true'
  const scheme = isInsecure ? 'http' : 'https'
  const text = endpoint.text.includes('://') ? endpoint.text : `${scheme}://${endpoint.text}`
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    throw wrong(endpoint, 'must be an http(s) URL or host:port')
  }
  return new URL(text)
}

/** `key=value,key=value`, as W3C Baggage is written: percent-encoded, spaces around do not count. */
function readHeaders(variable: Variable | undefined): Map<string, string> {
  const headers = new Map<string, string>()
  for (const pair of variable?.text.split(',') ?? []) {
    if (pair.trim() === '') continue
    const equals = pair.indexOf('=')
    if (equals === -1) throw wrong(variable, 'must be a list of key=value')
    const key = pair.slice(0, equals).trim().toLowerCase()
    const value = decode(pair.slice(equals + 1).trim())
    if (!isHeaderKey(key)) throw wrong(variable, `has a key that is no header: "${key}"`)
    if (value === undefined || !isHeaderValue(value)) {
      throw wrong(variable, `has a value for "${key}" that no header can carry`)
    }
    headers.set(key, value)
  }
  return headers
}

/** @param key in lower case */
export function isHeader(key: string, value: string): boolean {
  return isHeaderKey(key) && isHeaderValue(value)
}

/** What both protocols can carry: gRPC keeps "grpc-" to itself, and "-bin" is not text there. */
function isHeaderKey(key: string): boolean {
  return /^[a-z0-9_.-]+$/.test(key) && !/^grpc-|-bin$/.test(key)
}

function isHeaderValue(value: string): boolean {
  return /^[ -~]*$/.test(value)
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function readTimeout(variable: Variable | undefined): number {
  const ms = Number(variable?.text ?? 10_000)
  if (Number.isInteger(ms) && ms > 0 && ms <= 600_000) return ms
  throw wrong(variable, 'must be a whole number of milliseconds, at most 600000')
}

function readTls(
  ca: Variable | undefined,
  cert: Variable | undefined,
  key: Variable | undefined,
): ForwardSettings['tls'] {
  if (cert !== undefined && key === undefined) throw wrong(cert, 'needs a CLIENT_KEY as well')
  if (key !== undefined && cert === undefined)
    throw wrong(key, 'needs a CLIENT_CERTIFICATE as well')
  return { ...readOne(ca, ca), ...readOne(cert, undefined, cert, key) }
}

function readOne(
  variable: Variable | undefined,
  ca?: Variable,
  cert?: Variable,
  key?: Variable,
): ForwardSettings['tls'] {
  try {
    return readTlsFiles(ca?.text, cert?.text, key?.text)
  } catch (cause) {
    throw wrong(variable, (cause as Error).message)
  }
}

/**
 * Reads PEM files, and tries them: what is wrong with a file should not be found out at the first
 * export.
 * @throws Error that says what is wrong, without naming what asked for the file
 */
export function readTlsFiles(ca?: string, cert?: string, key?: string): ForwardSettings['tls'] {
  const tls = {
    ...(ca !== undefined && { ca: readFile(ca) }),
    ...(cert !== undefined && { cert: readFile(cert) }),
    ...(key !== undefined && { key: readFile(key) }),
  }
  try {
    // A CA that is no certificate at all would only trust nobody, without a word.
    if (tls.ca) new X509Certificate(tls.ca)
    createSecureContext(tls)
    return tls
  } catch (cause) {
    throw new Error(`cannot be used: ${(cause as Error).message}`)
  }
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new Error(`cannot be read: ${(cause as Error).message}`)
  }
}

function wrong(variable: Variable | undefined, what: string): Error {
  return new Error(`${variable?.name} ${what}`)
}
