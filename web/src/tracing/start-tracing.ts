import { diag, propagation, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-web'
import { TraceContextPropagator } from '@pingtrace/trace-context'
import { drainResponses } from './drain-responses.ts'
import type { ExportLedger, FlushReport } from './export-ledger.ts'
import { FlushOnLocalRoot } from './flush-on-local-root.ts'
import { flushOnPageHide, OpenSpans } from './flush-on-page-hide.ts'
import { cryptoIdGenerator } from './id-generator.ts'
import { allowPropagationTo } from './propagation-targets.ts'
import { recordedExporter } from './recorded-exporter.ts'
import { describeService, type ServiceDescription } from './resource.ts'
import { stopWaitingForTimings } from './resource-timing.ts'

export interface TracingOptions extends ServiceDescription {
  /** The collector's URL for traces in full, for example `http://localhost:4318/v1/traces`. */
  endpoint: string
  /** Sent with them, such as a token; whoever is served the page can read it. */
  headers?: Record<string, string>
  /** URLs whose origins may get our trace headers. */
  propagateTo: readonly string[]
  /** For tests: keeps account of what becomes of the spans, for `flushTracing` to tell. */
  ledger?: ExportLedger | undefined
}

type Flush = (traceIds?: readonly string[]) => Promise<FlushReport>

/** Kept on the global object, because a hot reload evaluates this module anew. */
const key: unique symbol = Symbol.for('start-tracing.ts was here')
const page = globalThis as { [key]?: Flush }

const nothing: Flush = () => Promise.resolve({ traces: {} })

/**
 * Sets tracing up for the whole page; call it once, before the first span.
 *
 * Called again (hot reload, React's StrictMode) it does nothing. It never throws: a page without
 * telemetry is better than no page. What goes wrong is told to `diag`, which prints it where the
 * application gave it a logger: `diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.WARN)`.
 */
export function startTracing(options: TracingOptions): void {
  if (page[key] !== undefined) return
  page[key] = nothing
  try {
    page[key] = start(options)
  } catch (error) {
    diag.error('tracing could not be started; the page goes on without it', error)
  }
}

/**
 * Exports every span that has ended, and resolves when each has arrived or was given up; it never
 * rejects. It tells what became of the spans of each trace since the page began, if `startTracing` was
 * given a ledger; otherwise of none.
 * @param traceIds the traces to tell of; all when left out
 */
export function flushTracing(traceIds?: readonly string[]): Promise<FlushReport> {
  return (page[key] ?? nothing)(traceIds)
}

function start(options: TracingOptions): Flush {
  const { endpoint, headers, propagateTo, ledger, ...service } = options
  // The exporter reads no answers, and takes no `fetch` of ours: the one global that is wrapped.
  drainResponses(endpoint)
  allowPropagationTo(propagateTo)

  // 1. Exporter: OTLP over HTTP, in JSON.
  const otlp = new OTLPTraceExporter({ url: endpoint, ...(headers && { headers }) })
  const exporter = ledger ? recordedExporter(otlp, ledger) : otlp

  // 2. Processors: one that knows what is running, and one that exports in batches. A full queue
  // drops spans without a word; where account is kept only the exporter, which tells, may drop.
  const openSpans = new OpenSpans()
  const batch = new BatchSpanProcessor(exporter, {
    scheduledDelayMillis: 200,
    disableAutoFlushOnDocumentHide: true,
    ...(ledger && { maxQueueSize: Number.POSITIVE_INFINITY }),
  })
  const exporting = new FlushOnLocalRoot(batch, exporter)

  // 3. Provider: who we are. Not WebTracerProvider: what it adds is a context manager, and those
  // for browsers lose the active context at the first `await` (open-telemetry/opentelemetry-js#1502,
  // #5104). We pass contexts by hand.
  const provider = new BasicTracerProvider({
    resource: describeService(service),
    idGenerator: cryptoIdGenerator,
    spanProcessors: [...(ledger ? [ledger] : []), openSpans, exporting],
  })

  // 4. Globals: the tracers of `@opentelemetry/api`, and W3C Trace Context to write headers. No
  // baggage: it would carry whatever somebody put into it to whoever gets our headers.
  trace.setGlobalTracerProvider(provider)
  propagation.setGlobalPropagator(new TraceContextPropagator())

  // 5. The page's end is the last chance to export.
  const flush = (): Promise<void> => {
    stopWaitingForTimings()
    return exporting.forceFlush()
  }
  flushOnPageHide(openSpans, flush)

  return async (traceIds) => {
    await flush().catch((error) => diag.warn('a flush failed', error))
    // It fails with the first of its batches; others may still be on their way.
    await otlp.forceFlush()
    return ledger?.report(traceIds) ?? { traces: {} }
  }
}
