import type { Finding } from '@pingtrace/doctor'
import type { Span } from '@pingtrace/otlp'
import type { TraceTree } from '@pingtrace/trace-tree'

/**
 * More spans than this are not diagnosed in the page, which the doctor would hold up; `npm run doctor`
 * takes them.
 */
export const maxDiagnosed = 20_000

/** The traces of a file by id, as far as the doctor is concerned. */
export type FileTraces = ReadonlyMap<string, { tree: TraceTree }>

/**
 * What the doctor says of a trace of a file. He has the file's other traces to look for the other half of
 * a torn call in, where they are not too many; nothing is asked of the collector.
 */
export async function findingsOfFile(traces: FileTraces, traceId: string): Promise<Finding[]> {
  // Loaded with the first trace of a file: most people open none.
  const { diagnose, looseEnds, servicesOf } = await import('@pingtrace/doctor')
  const spans = spansOf(traces.get(traceId)?.tree)
  if (spans.length > maxDiagnosed) return []
  const total = [...traces.values()].reduce((sum, { tree }) => sum + tree.spanCount, 0)
  const around =
    total > maxDiagnosed ? spans : [...traces.values()].flatMap(({ tree }) => spansOf(tree))
  return diagnose(spans, { elsewhere: looseEnds(around), services: servicesOf(around) })
}

function spansOf(tree: TraceTree | undefined): Span[] {
  return [...(tree?.nodes.values() ?? [])].flatMap(({ span }) => (span ? [span] : []))
}
