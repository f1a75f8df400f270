import type { OtherSignal } from './other-signals.ts'

/** An OTLP service has one method. */
const methodOf = (service: string) => `/opentelemetry.proto.collector.${service}/Export`

/** What is taken where, by protocol. */
export const tracesPath = { http: '/v1/traces', grpc: methodOf('trace.v1.TraceService') }

export const otherPaths: Record<'http' | 'grpc', ReadonlyMap<string, OtherSignal>> = {
  http: new Map([
    ['/v1/logs', 'logs'],
    ['/v1/metrics', 'metrics'],
    ['/v1development/profiles', 'profiles'],
  ]),
  grpc: new Map([
    [methodOf('logs.v1.LogsService'), 'logs'],
    [methodOf('metrics.v1.MetricsService'), 'metrics'],
    [methodOf('profiles.v1development.ProfilesService'), 'profiles'],
  ]),
}

/** What a request carries, by where it was sent; `traces` too where that was meant and is wrong. */
export function kindOf(transport: 'http' | 'grpc', path: string): OtherSignal | 'traces' | 'other' {
  const signal = otherPaths[transport].get(path)
  if (signal !== undefined) return signal
  return path === tracesPath[transport] || /trace|span/i.test(path) ? 'traces' : 'other'
}

/** What to do about a request to an HTTP path where nothing is taken. */
export function adviseHttpPath(path: string): string {
  if (/^\/api\/(traces|v[12]\/spans)\b/.test(path)) {
    return 'This is Jaeger’s or Zipkin’s own protocol: use an OTLP exporter.'
  }
  if (/^\/v1\/traces\/+v1\/traces/.test(path)) {
    return 'The path is there twice: it belongs to OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, or into the url of an exporter, and not to OTEL_EXPORTER_OTLP_ENDPOINT.'
  }
  return `Send traces to ${tracesPath.http}: the url of an exporter in code has that path, OTEL_EXPORTER_OTLP_ENDPOINT has none.`
}

/** What to do about a gRPC method that nobody has. */
export function adviseGrpcMethod(path: string): string {
  return /^\/opentelemetry\.proto\./.test(path)
    ? `Traces go to ${tracesPath.grpc}: look at the exporter’s version.`
    : 'This is no OTLP: use an OTLP exporter.'
}
