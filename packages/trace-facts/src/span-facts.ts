import type { Attributes, Span } from '@pingtrace/otlp'

const processKeys = new WeakMap<Attributes, string>()

/**
 * Names the process of a span: spans of one have one resource, to the last attribute. (Two replicas
 * whose resources say nothing to tell them apart count as one.)
 */
export function processOf({ resource, service }: Span): string {
  let key = processKeys.get(resource)
  if (key === undefined) {
    const entries = Object.entries(resource).sort(([a], [b]) => (a < b ? -1 : 1))
    key = `${service} ${JSON.stringify(entries, (_key, value) => (typeof value === 'bigint' ? `${value}` : value))}`
    processKeys.set(resource, key)
  }
  return key
}

/** Of a web page: its SDK says so, or its resource has the browser's attributes. */
export function isBrowser({ resource }: Span): boolean {
  return (
    resource['telemetry.sdk.language'] === 'webjs' ||
    Object.keys(resource).some((key) => key.startsWith('browser.'))
  )
}

/** The first of the attributes that is there, as text. */
export function text(span: Span, ...keys: string[]): string | undefined {
  for (const key of keys) {
    const value = span.attributes[key]
    if (value !== undefined && value !== null && typeof value !== 'object') return `${value}`
  }
  return undefined
}

/** The names of today's conventions and those before 1.21, which many SDKs still send. */
export const methodOf = (span: Span) => text(span, 'http.request.method', 'http.method')

export const statusOf = (span: Span): number | undefined => {
  const status = Number(text(span, 'http.response.status_code', 'http.status_code'))
  return Number.isInteger(status) && status > 0 ? status : undefined
}

/** Of a remote procedure: gRPC's number before the conventions of 1.39, a word since. */
export const rpcStatusOf = (span: Span): string | undefined =>
  text(span, 'rpc.response.status_code', 'rpc.grpc.status_code')

/** `package.Service/Method`: one attribute today, two before 1.39. */
export function rpcOf(span: Span): string | undefined {
  const method = text(span, 'rpc.method')
  if (method === undefined) return undefined
  const service = text(span, 'rpc.service')
  return service === undefined || method.includes('/') ? method : `${service}/${method}`
}

export const databaseOf = (span: Span) => text(span, 'db.system.name', 'db.system')

/** The path that was asked for, without a query; undefined where the span does not tell. */
export function pathOf(span: Span): string | undefined {
  const url = text(span, 'url.full', 'http.url')
  const path = url === undefined ? text(span, 'url.path', 'http.target') : parseUrl(url)?.pathname
  return path?.replace(/[?#].*$/s, '')
}

/** `host:port`, in lower case, with every name of the own machine as `localhost`. */
export function addressOf(span: Span): string | undefined {
  const url = parseUrl(text(span, 'url.full', 'http.url') ?? '')
  const host = text(span, 'server.address', 'net.peer.name', 'net.host.name') ?? url?.hostname
  if (!host) return undefined
  const fromUrl = url && (url.port || (url.protocol === 'https:' ? '443' : '80'))
  const port = text(span, 'server.port', 'net.peer.port', 'net.host.port') ?? fromUrl
  // Flask's instrumentation has the port in both.
  return normalAddress(port === undefined || host.endsWith(`:${port}`) ? host : `${host}:${port}`)
}

export function normalAddress(address: string): string {
  return address
    .toLowerCase()
    .replace(/^(127\.0\.0\.1|\[?::1\]?|\[?::ffff:127\.0\.0\.1\]?)(?=:\d+$|$)/, 'localhost')
}

function parseUrl(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined
}

export const ms = (count: number): bigint => BigInt(count) * 1_000_000n
