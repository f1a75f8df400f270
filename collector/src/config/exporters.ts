import type { QueueLimit } from '../exporters/forward-queue.ts'
import type { ExporterSettings } from '../exporters/forwarding.ts'
import { defaultRetry, type RetrySettings } from '../exporters/retry.ts'
import { type ForwardSettings, isHeader, readTlsFiles } from '../exporters/settings.ts'
import type { Section } from './section.ts'

/** Undefined where something is wrong, and for `nop`. */
type Read = (section: Section) => Omit<ExporterSettings, 'id'> | undefined

const readOtlpGrpc: Read = (section) => {
  const endpoint = section.string('endpoint') ?? ''
  const tls = readTls(section)
  const common = readCommon(section)
  section.end()
  // TLS whatever the scheme, unless insecure; https asks for it in any case (configgrpc.go).
  const [, scheme = '', host = ''] = /^(?:(https?):\/\/)?([^/]*)\/?$/.exec(endpoint) ?? []
  const isPlain = tls.insecure && !tls.hasCa && scheme !== 'https'
  const url = toUrl(section, `${isPlain ? 'http' : 'https'}://${host}`, host !== '')
  return url && { ...common, forward: { ...common.forward, protocol: 'grpc', url, tls: tls.files } }
}

const readOtlpHttp: Read = (section) => {
  const base = section.string('endpoint') ?? ''
  const own = section.string('traces_endpoint') ?? ''
  section.oneOf('encoding', ['proto'])
  const tls = readTls(section)
  const common = readCommon(section)
  section.end()
  const endpoint = own || (base && `${base.replace(/\/+$/, '')}/v1/traces`)
  const url = toUrl(section, endpoint, /^https?:\/\/[^/]/i.test(endpoint))
  if (url === undefined) return undefined
  return {
    ...common,
    forward: { ...common.forward, protocol: 'http/protobuf', url, tls: tls.files },
  }
}

const readDebug: Read = (section) => {
  const verbosity = section.oneOf('verbosity', ['basic', 'normal', 'detailed']) ?? 'basic'
  section.end()
  return { forward: { protocol: 'debug', verbosity } }
}

const readFile: Read = (section) => {
  const path = section.string('path') ?? ''
  const format = section.oneOf('format', ['json', 'proto']) ?? 'json'
  const append = section.boolean('append') ?? false
  section.end()
  if (path === '') {
    section.problems.wrong(section, 'needs a path')
    return undefined
  }
  return { forward: { protocol: 'file', path, format, append } }
}

const readNop: Read = (section) => {
  section.end()
  return undefined
}

/** By type; `otlp` and `otlphttp` are the names before 0.144. */
export const exporterTypes: Record<string, Read> = {
  otlp: readOtlpGrpc,
  otlp_grpc: readOtlpGrpc,
  otlphttp: readOtlpHttp,
  otlp_http: readOtlpHttp,
  debug: readDebug,
  file: readFile,
  nop: readNop,
}

function toUrl(section: Section, text: string, isThere: boolean): URL | undefined {
  if (isThere && URL.canParse(text)) return new URL(text)
  section.problems.wrong(
    section.placeOf('endpoint'),
    'needs an endpoint: host:port, or an http(s) URL',
  )
  return undefined
}

function readCommon(section: Section): {
  forward: Pick<ForwardSettings, 'headers' | 'gzip' | 'timeoutMs'>
  queue: QueueLimit
  retry: RetrySettings
} {
  // gzip and 5 s are the defaults over there; 0 is no limit there, and ten minutes here.
  const gzip = (section.oneOf('compression', ['gzip', 'none']) ?? 'gzip') === 'gzip'
  const timeoutMs = Math.round(section.duration('timeout') ?? 5_000) || 600_000
  const headers = readHeaders(section)
  const retry = readRetry(section.section('retry_on_failure'))
  const queue = readQueue(section.section('sending_queue'))
  return { forward: { headers, gzip, timeoutMs }, queue, retry }
}

/** A value that is empty is sent empty; none is ever told, it may be a secret. */
function readHeaders(section: Section): Map<string, string> {
  const headers = new Map<string, string>()
  const list = section.section('headers')
  for (const key of list?.keys ?? []) {
    const name = key.toLowerCase()
    const value = list?.string(key) ?? ''
    if (isHeader(name, value)) headers.set(name, value)
    else section.problems.wrong(list?.placeOf(key) ?? section, 'is no header that can be sent')
  }
  return headers
}

function readRetry(section: Section | undefined): RetrySettings {
  if (section === undefined) return defaultRetry
  const settings: RetrySettings = {
    enabled: section.boolean('enabled') ?? defaultRetry.enabled,
    initialIntervalMs: section.duration('initial_interval') ?? defaultRetry.initialIntervalMs,
    maxIntervalMs: section.duration('max_interval') ?? defaultRetry.maxIntervalMs,
    multiplier: section.number('multiplier') ?? defaultRetry.multiplier,
    randomizationFactor: section.number('randomization_factor') ?? defaultRetry.randomizationFactor,
    maxElapsedTimeMs: section.duration('max_elapsed_time') ?? defaultRetry.maxElapsedTimeMs,
  }
  const { multiplier, randomizationFactor } = settings
  if (multiplier < 0) section.problems.wrong(section.placeOf('multiplier'), 'must not be below 0')
  if (randomizationFactor < 0 || randomizationFactor > 1) {
    section.problems.wrong(section.placeOf('randomization_factor'), 'must be from 0 to 1')
  }
  section.end()
  return settings
}

function readQueue(section: Section | undefined): QueueLimit {
  if (section === undefined) return {}
  if (section.boolean('enabled') === false) {
    const what = 'false would let senders wait for the target: the queue is the store, always there'
    section.problems.unsupported(section.placeOf('enabled'), what)
  }
  const size = section.integer('queue_size', 1)
  const sizer = section.oneOf('sizer', ['requests', 'items']) ?? 'requests'
  section.end()
  if (size === undefined) return {}
  return sizer === 'requests' ? { requests: size } : { spans: size }
}

function readTls(section: Section): {
  insecure: boolean
  hasCa: boolean
  files: ForwardSettings['tls']
} {
  const tls = section.section('tls')
  if (tls === undefined) return { insecure: false, hasCa: false, files: {} }
  const insecure = tls.boolean('insecure') ?? false
  const ca = tls.string('ca_file') || undefined
  const cert = tls.string('cert_file') || undefined
  const key = tls.string('key_file') || undefined
  tls.end()
  if ((cert === undefined) !== (key === undefined)) {
    tls.problems.wrong(tls, 'needs cert_file and key_file, both of them')
    return { insecure, hasCa: ca !== undefined, files: {} }
  }
  try {
    return { insecure, hasCa: ca !== undefined, files: readTlsFiles(ca, cert, key) }
  } catch (error) {
    tls.problems.wrong(tls, (error as Error).message)
    return { insecure, hasCa: ca !== undefined, files: {} }
  }
}
