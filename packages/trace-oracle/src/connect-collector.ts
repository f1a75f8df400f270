import type { OtlpPorts, TracesData } from '@pingtrace/otlp'
import {
  authorizationOf,
  CollectorRefusal,
  type CollectorTokens,
  refusalIn,
  tokensOf,
} from './refusal.ts'

/** A collector as the oracle uses it. */
export interface TraceCollector {
  /** Of queries and viewer: `http://localhost:16686`. */
  url: string
  /** What OTEL_EXPORTER_OTLP_ENDPOINT is to be for OTLP over HTTP: `http://localhost:4318`. */
  otlpHttpUrl: string
  /** The same for OTLP over gRPC. */
  otlpGrpcUrl: string
  /** Where the viewer shows a trace. */
  urlOf(traceId: string): string
  /**
   * What is stored of a trace, nothing when it is not known; undefined when nobody answers.
   * @throws CollectorRefusal where it may not be read
   */
  read(traceId: string): Promise<TracesData | undefined>
  /** Stores spans; resolves when they are acknowledged. @throws CollectorRefusal where it may not */
  send(data: TracesData): Promise<void>
}

/**
 * Uses a collector that is running.
 * @param url of its queries, for example `http://localhost:16686`
 * @throws Error that says what to start or to set, when no collector of ours answers there, or not us
 */
export async function connectCollector(
  url: string,
  given: CollectorTokens = {},
): Promise<TraceCollector> {
  const { origin, hostname, protocol } = new URL(url)
  const tokens = tokensOf(given)
  const query = async (path: string): Promise<Response> => {
    const headers = authorizationOf(tokens.queryToken)
    const response = await fetch(`${origin}${path}`, { headers })
    const refusal = await refusalIn(response, 'queryToken', tokens)
    if (refusal !== undefined) throw refusal
    return response
  }
  const ports = await otlpPortsOf(origin, query)
  const otlpHttpUrl = `${protocol}//${hostname}:${ports.http}`
  return {
    url: origin,
    otlpHttpUrl,
    otlpGrpcUrl: `${protocol}//${hostname}:${ports.grpc}`,
    urlOf: (traceId) => `${origin}/?trace=${traceId}`,
    read: async (traceId) => {
      let response: Response
      try {
        response = await query(`/api/v3/traces/${traceId}`)
      } catch (error) {
        if (error instanceof CollectorRefusal) throw error
        // Stopped by a test that is about just that; it may be back in a moment.
        return undefined
      }
      if (response.status === 404) return {}
      if (!response.ok) return undefined
      return ((await response.json()) as { result: TracesData }).result
    },
    send: async (data) => {
      const response = await fetch(`${otlpHttpUrl}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...authorizationOf(tokens.ingestToken) },
        body: JSON.stringify(data),
      })
      const refusal = await refusalIn(response, 'ingestToken', tokens)
      if (refusal !== undefined) throw refusal
      if (!response.ok) throw new Error(`the collector refuses the test's span: ${response.status}`)
    },
  }
}

/** A protected collector tells those who may not read that it is well, and no more. */
async function otlpPortsOf(
  origin: string,
  query: (path: string) => Promise<Response>,
): Promise<OtlpPorts> {
  const advice = `start one with "npx pingtrace-collector" (in pingtrace's folder: npm run collector), or leave the address out`
  let health: { otlpPorts?: OtlpPorts }
  try {
    const response = await query('/healthz')
    health = (await response.json()) as typeof health
    if (health.otlpPorts === undefined) await query('/api/v3/services')
  } catch (cause) {
    if (cause instanceof CollectorRefusal) throw cause
    throw new Error(`no collector answers at ${origin}: ${advice}`, { cause })
  }
  if (health.otlpPorts === undefined) {
    throw new Error(`what answers at ${origin} is no collector of pingtrace: ${advice}`)
  }
  return health.otlpPorts
}
