import { ExportResultCode } from '@opentelemetry/core'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-web'
import type { ExportLedger } from './export-ledger.ts'

/** `exporter`, with what becomes of each span written down: retries are over when it gives its result. */
export function recordedExporter(exporter: SpanExporter, ledger: ExportLedger): SpanExporter {
  return {
    export: (spans: ReadableSpan[], onResult) => {
      exporter.export(spans, (result) => {
        ledger.settle(spans, result.code === ExportResultCode.SUCCESS ? 'exported' : 'dropped')
        onResult(result)
      })
    },
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  }
}
