import { diag } from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { BatchSpanProcessor, WebTracerProvider } from '@opentelemetry/sdk-trace-web'
import { drainResponses } from './drain-responses.ts'
import { FlushOnLocalRoot } from './flush-on-local-root.ts'
import { cryptoIdGenerator } from './id-generator.ts'
import { allowPropagationTo } from './propagation-targets.ts'
import { describeService, type ServiceDescription } from './resource.ts'

export interface TracingOptions extends ServiceDescription {
  /** The collector's URL for traces in full, for example `http://localhost:4318/v1/traces`. */
  endpoint: string
  /** URLs whose origins may get our trace headers. */
  propagateTo: readonly string[]
}

/**
 * Sets tracing up for the whole page; call it once, before the first span.
 *
 * Called again (hot reload, React's StrictMode) it does nothing. It never throws: a page without
 * telemetry is better than no page. What goes wrong is told to `diag`, which prints it where the
 * application gave it a logger: `diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.WARN)`.
 */
export function startTracing(options: TracingOptions): void {
  try {
    if (isFirstCall()) start(options)
  } catch (error) {
    diag.error('tracing could not be started; the page goes on without it', error)
  }
}

function start({ endpoint, propagateTo, ...service }: TracingOptions): void {
  drainResponses(endpoint)
  allowPropagationTo(propagateTo)

  const exporter = new OTLPTraceExporter({ url: endpoint })
  // The delay is only the fallback, for spans that end after their local root; the default is 5 s.
  const batch = new BatchSpanProcessor(exporter, { scheduledDelayMillis: 200 })
  const provider = new WebTracerProvider({
    resource: describeService(service),
    idGenerator: cryptoIdGenerator,
    spanProcessors: [new FlushOnLocalRoot(batch, exporter)],
  })

  provider.register({
    // The default would propagate baggage as well, to whoever gets our headers: only trace context.
    propagator: new W3CTraceContextPropagator(),
    // None: those for browsers lose the active context at the first `await`
    // (open-telemetry/opentelemetry-js#1502, #5104). We pass contexts by hand.
    contextManager: null,
  })
}

/** Remembered on the global object, because a hot reload evaluates this module anew. */
function isFirstCall(): boolean {
  const started = Symbol.for('start-tracing.ts was here')
  if (started in globalThis) return false
  Object.defineProperty(globalThis, started, { value: true })
  return true
}
