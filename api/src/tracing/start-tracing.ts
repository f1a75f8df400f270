import { diag, propagation } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  type Sampler,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node'
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions'
import { TraceContextPropagator } from '@pingtrace/trace-context'
import type { ExportLedger } from './export-ledger.ts'
import { FlushOnLocalRoot } from './flush-on-local-root.ts'
import { dropUnsendableHeaders, otlpEndpoint, warnOfLostAttributes } from './otlp-environment.ts'
import { RetryingExporter } from './retrying-exporter.ts'

export interface TracingOptions {
  /** The service's name where OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES give none. */
  defaultServiceName: string
  serviceVersion: string
  /** The collector's OTLP/gRPC address where OTEL_EXPORTER_OTLP_ENDPOINT gives none. */
  defaultEndpoint: string
  /** Which traces are recorded; by default OTEL_TRACES_SAMPLER says, or else the caller decides. */
  sampler?: Sampler | undefined
  /** Makes the exporter that is retried; by default the stock one for OTLP/gRPC. */
  connect?: () => SpanExporter
  /** Keeps account of what becomes of the spans, for whoever must know. */
  ledger?: ExportLedger | undefined
}

export interface Tracing {
  /** Resolves when the spans ended so far have arrived or were given up; never rejects. */
  flush(): Promise<void>
  /** Sends what is left, in bounded time, and stops; never rejects. */
  shutdown(): Promise<void>
}

let running: Tracing | undefined

/**
 * Sets OpenTelemetry up by hand, once for the process: a second call returns the first one's result.
 *
 * From the environment come the service's name and the resource's attributes (OTEL_SERVICE_NAME,
 * OTEL_RESOURCE_ATTRIBUTES), the collector's address (OTEL_EXPORTER_OTLP_ENDPOINT) and the headers
 * to send with each export, such as an access token (OTEL_EXPORTER_OTLP_HEADERS); each also in its
 * OTEL_EXPORTER_OTLP_TRACES_ form. What is wrong there is told to `diag` and ignored. OTEL_BSP_ has
 * no effect: how batches are made is said below. OTEL_SDK_DISABLED=true leaves only propagation.
 */
export function startTracing(options: TracingOptions): Tracing {
  if (running !== undefined) return running
  const propagator = new TraceContextPropagator()
  if (process.env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') {
    diag.info('OTEL_SDK_DISABLED is set: nothing is traced')
    propagation.setGlobalPropagator(propagator)
    running = { flush: () => Promise.resolve(), shutdown: () => Promise.resolve() }
    return running
  }

  // 1. Exporter: OTLP over gRPC, kept from losing spans while the collector is away.
  // Headers, certificates and the like the stock exporter reads from the environment itself.
  dropUnsendableHeaders()
  const url = otlpEndpoint(options.defaultEndpoint)
  const connect = options.connect ?? (() => new OTLPTraceExporter({ url }))
  const { ledger } = options
  const exporter = new RetryingExporter({
    connect,
    onSettled: ledger && ((spans, outcome) => ledger.settle(spans, outcome)),
  })

  // 2. Processor: batches, and does not make the end of a request wait for a timer. Its own queue
  // holds what ends before the code under way next awaits; by default it would drop all but 2,048
  // of that, silently. The limit that counts is the exporter's.
  const batch = new BatchSpanProcessor(exporter, {
    scheduledDelayMillis: 200,
    maxQueueSize: Number.POSITIVE_INFINITY,
  })
  const processor = new FlushOnLocalRoot(batch, exporter)

  // 3. Provider: who we are, and which traces we record.
  const provider = new NodeTracerProvider({
    resource: describeService(options.defaultServiceName, options.serviceVersion),
    ...(options.sampler && { sampler: options.sampler }),
    spanProcessors: ledger ? [ledger, processor] : [processor],
  })

  // 4. Globals: the tracers of `@opentelemetry/api`, the context that follows async calls
  // (AsyncLocalStorage, the provider's default), and W3C Trace Context to read and write headers.
  // No baggage: it has no integrity, and would carry whatever callers put into it to third parties.
  provider.register({ propagator })

  running = {
    flush: () => quietly('flush', processor.forceFlush()),
    shutdown: () => quietly('shutdown', provider.shutdown()),
  }
  return running
}

function describeService(defaultName: string, version: string): Resource {
  const fromEnvironment = detectResources({ detectors: [envDetector] })
  warnOfLostAttributes(fromEnvironment.attributes)
  if (fromEnvironment.attributes[ATTR_SERVICE_NAME] === undefined) {
    diag.info(`OTEL_SERVICE_NAME is not set: this service calls itself ${defaultName}`)
  }
  // Merged, later ones win: a resource of one's own alone would lose `telemetry.sdk.*`.
  return defaultResource()
    .merge(
      resourceFromAttributes({
        [ATTR_SERVICE_NAME]: defaultName,
        [ATTR_SERVICE_VERSION]: version,
      }),
    )
    .merge(fromEnvironment)
}

async function quietly(what: string, work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    diag.error(`tracing: ${what} failed`, error)
  }
}
