import { type ChannelCredentials, credentials } from '@grpc/grpc-js'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import type { SpanExporter } from '@opentelemetry/sdk-trace-node'

/**
 * Makes stock exporters for OTLP over gRPC, each with a connection of its own. Headers,
 * certificates and the like they read from the environment themselves.
 *
 * @param endpoint a URL; http without TLS, https with it
 */
export function grpcExporters(endpoint: string): () => SpanExporter {
  if (!endpoint.startsWith('http://')) return () => new OTLPTraceExporter({ url: endpoint })
  return () => new OTLPTraceExporter({ url: endpoint, credentials: ownCredentials() })
}

/**
 * Channels to one address share their connection if their credentials are equal, and with it the
 * growing pause between attempts to connect. TLS credentials equal only themselves; those without
 * TLS equal each other, but for these.
 */
function ownCredentials(): ChannelCredentials {
  const own = credentials.createInsecure()
  own._equals = (other) => other === own
  return own
}
