import {
  ChannelCredentials,
  Client,
  compressionAlgorithms,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import { readRetryInfo, readSuccess } from './answers.ts'
import type { ForwardSettings } from './settings.ts'
import { type SendResult, type Target, withHint } from './target.ts'

const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
const identity = (bytes: Buffer) => bytes

/**
 * opentelemetry-proto, docs/specification.md, "OTLP/gRPC Response". RESOURCE_EXHAUSTED joins them
 * only when the target says when to come back.
 */
const retryable: ReadonlySet<number> = new Set([
  status.CANCELLED,
  status.DEADLINE_EXCEEDED,
  status.ABORTED,
  status.OUT_OF_RANGE,
  status.UNAVAILABLE,
  status.DATA_LOSS,
])

/** OTLP/gRPC, over one channel that is kept until it fails. */
export function grpcTarget(settings: ForwardSettings): Target {
  const { url, timeoutMs } = settings
  const metadata = new Metadata()
  for (const [key, value] of settings.headers) metadata.set(key, value)

  let client: Client | undefined
  /**
   * A channel that cannot connect has a backoff of its own, which grows to two minutes and passes
   * to each new channel that shares its connection. A new one with a connection of its own tries at
   * once, and asks for the name's addresses anew.
   */
  const disconnect = () => {
    client?.close()
    client = undefined
  }

  return {
    name: `${url.origin} (grpc)`,
    close: disconnect,
    send: (body, stop) =>
      new Promise((resolve) => {
        client ??= connect(settings)
        const deadline = Date.now() + timeoutMs
        const call = client.makeUnaryRequest(
          path,
          identity,
          identity,
          body,
          metadata,
          { deadline },
          (error, response) => {
            stop.removeEventListener('abort', cancel)
            if (error === null) return resolve(readSuccess(response ?? Buffer.of()))
            disconnect()
            resolve(judge(error))
          },
        )
        const cancel = () => call.cancel()
        stop.addEventListener('abort', cancel)
        if (stop.aborted) cancel()
      }),
  }
}

function connect({ url, gzip, tls }: ForwardSettings): Client {
  const secure = url.protocol === 'https:'
  // `url.port` is empty for the scheme's own port.
  const address = `${url.hostname}:${url.port || (secure ? 443 : 80)}`
  const credentials = secure
    ? ChannelCredentials.createSsl(tls.ca ?? null, tls.key ?? null, tls.cert ?? null)
    : ChannelCredentials.createInsecure()
  return new Client(address, credentials, {
    'grpc.use_local_subchannel_pool': 1,
    ...(gzip && { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip }),
  })
}

function judge({ code, details, metadata }: ServiceError): SendResult {
  const reason = withHint(`${status[code]}: ${details}`)
  const [info] = metadata.get('grpc-status-details-bin')
  const afterMs = info instanceof Buffer ? readRetryInfo(info) : undefined
  const again = code === status.RESOURCE_EXHAUSTED ? afterMs !== undefined : retryable.has(code)
  if (!again) return { kind: 'refused', reason }
  return { kind: 'retry', reason, ...(afterMs !== undefined && { afterMs }) }
}
