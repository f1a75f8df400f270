import type { OtlpPorts, TracesData } from '@pingtrace/otlp'

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
  /** What is stored of a trace, nothing when it is not known; undefined when nobody answers. */
  read(traceId: string): Promise<TracesData | undefined>
  /** Stores spans; resolves when they are acknowledged. */
  send(data: TracesData): Promise<void>
}

/**
 * Uses a collector that is running.
 * @param url of its queries, for example `http://localhost:16686`
 * @throws Error that says what to start, when no collector of ours answers there
 */
export async function connectCollector(url: string): Promise<TraceCollector> {
  const { origin, hostname, protocol } = new URL(url)
  const ports = await otlpPortsOf(origin)
  const otlpHttpUrl = `${protocol}//${hostname}:${ports.http}`
  return {
    url: origin,
    otlpHttpUrl,
    otlpGrpcUrl: `${protocol}//${hostname}:${ports.grpc}`,
    urlOf: (traceId) => `${origin}/?trace=${traceId}`,
    read: async (traceId) => {
      let response: Response
      try {
        response = await fetch(`${origin}/api/v3/traces/${traceId}`)
      } catch {
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
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(data),
      })
      if (!response.ok) throw new Error(`the collector refuses the test's span: ${response.status}`)
    },
  }
}

async function otlpPortsOf(origin: string): Promise<OtlpPorts> {
  const advice = `start one with "npm run collector", or leave the address out`
  let health: { otlpPorts?: OtlpPorts }
  try {
    health = (await (await fetch(`${origin}/healthz`)).json()) as typeof health
  } catch (cause) {
    throw new Error(`no collector answers at ${origin}: ${advice}`, { cause })
  }
  if (health.otlpPorts === undefined) {
    throw new Error(`what answers at ${origin} is no collector of pingtrace: ${advice}`)
  }
  return health.otlpPorts
}
