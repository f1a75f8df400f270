import { type Metadata, status } from '@grpc/grpc-js'
import { messages, number } from './protobuf-fields.ts'

/**
 * The gRPC codes that OTLP allows to retry (opentelemetry-proto, docs/specification.md,
 * "OTLP/gRPC response"). RESOURCE_EXHAUSTED joins them only when the server says when to come back.
 */
const retryableCodes: ReadonlySet<number> = new Set([
  status.CANCELLED,
  status.DEADLINE_EXCEEDED,
  status.ABORTED,
  status.OUT_OF_RANGE,
  status.UNAVAILABLE,
  status.DATA_LOSS,
])

/** However long a server asks us to stay away, it is asked again after this. */
const MAX_ASKED_MS = 30_000

/**
 * Whether to send the same spans again after `error`, and how long the server asks to wait.
 * @param error what the stock gRPC exporter reports: a gRPC `ServiceError`, or an error of its own
 * @returns milliseconds, 0 when the server asks for none; undefined when retrying is pointless
 */
export function retryDelay(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') {
    return undefined
  }
  const asked = 'metadata' in error ? askedDelay(error.metadata as Metadata) : undefined
  if (error.code === status.RESOURCE_EXHAUSTED) return asked
  return retryableCodes.has(error.code) ? (asked ?? 0) : undefined
}

/** Reads google.rpc.RetryInfo, if it is among the details of the status. */
function askedDelay(metadata: Metadata): number | undefined {
  const [details] = metadata.get('grpc-status-details-bin')
  if (details === undefined || typeof details === 'string') return undefined
  // Status { repeated Any details = 3 }, Any { string type_url = 1; bytes value = 2 },
  // RetryInfo { Duration retry_delay = 1 }, Duration { int64 seconds = 1; int32 nanos = 2 }
  for (const any of messages(details, 3)) {
    const [type] = messages(any, 1)
    if (!type?.toString().endsWith('/google.rpc.RetryInfo')) continue
    const [info] = messages(any, 2)
    const [delay] = info === undefined ? [] : messages(info, 1)
    if (delay === undefined) return 0
    const ms = number(delay, 1) * 1_000 + number(delay, 2) / 1e6
    return Math.min(Math.max(0, ms), MAX_ASKED_MS)
  }
  return undefined
}
