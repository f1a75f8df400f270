import { ExportResultCode } from '@opentelemetry/core'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-web'
import type { ExportCounts } from './export-counts.ts'

/** `exporter`, with what becomes of each span counted: retries are over when it gives its result. */
export function countedExporter(exporter: SpanExporter, counts: ExportCounts): SpanExporter {
  return {
    export: (spans: ReadableSpan[], onResult) => {
      exporter.export(spans, (result) => {
        counts.add(spans, result.code === ExportResultCode.SUCCESS ? 'exported' : 'dropped')
        onResult(result)
      })
    },
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  }
}
