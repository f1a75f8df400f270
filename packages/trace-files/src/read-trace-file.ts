import type { ResourceSpans, TracesData } from '@pingtrace/otlp'
import { Cursor } from './cursor.ts'
import { readJaeger } from './jaeger-document.ts'
import { refusal } from './locate.ts'
import { readOtlp } from './otlp-document.ts'
import { splitByTrace } from './split-by-trace.ts'
import { TraceFileError } from './trace-file-error.ts'

/**
 * The traces in the text of a file, each in OTLP's JSON, in the order in which they first come.
 *
 * Taken are OTLP JSON (as it is sent, as the collector answers, a document a line as the official
 * Collector's file exporter writes them), and Jaeger's JSON. The lines of a file may differ; those of
 * other signals have no spans. A file with anything wrong in it is refused as a whole.
 * @throws TraceFileError
 */
export function readTraceFile(text: string): Map<string, TracesData> {
  const all: ResourceSpans[] = []
  for (const { document, line } of documents(text.replace(/^\uFEFF/, ''))) {
    for (const group of readDocument(document, line)) all.push(group)
  }
  const traces = splitByTrace({ resourceSpans: all })
  if (traces.size === 0) throw new TraceFileError('There are no spans in it.')
  return traces
}

/** The whole text, or where its first line is JSON by itself and the whole is not, each line. */
function* documents(text: string): Generator<{ document: string; line: number }> {
  if (text.trim() === '') throw new TraceFileError('The file is empty.')
  if (isJson(text) || !isJson(firstLineOf(text))) {
    yield { document: text, line: 1 }
    return
  }
  let line = 0
  for (const document of text.split('\n')) {
    line++
    if (document.trim() !== '') yield { document, line }
  }
}

function firstLineOf(text: string): string {
  return text.trimStart().split('\n', 1)[0]!
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function readDocument(document: string, line: number): ResourceSpans[] {
  try {
    const cursor = new Cursor()
    const fields = cursor.fields(JSON.parse(document))
    if (Array.isArray(fields.data)) return readJaeger(cursor, fields)
    const answer = cursor.object(fields, 'result', (result) => readOtlp(cursor, result))
    if (answer !== undefined) return answer.resourceSpans ?? []
    const isKnown = ['resourceSpans', 'resourceLogs', 'resourceMetrics'].some(
      (key) => key in fields,
    )
    if (!isKnown) cursor.fail('has neither resourceSpans (OTLP) nor data (Jaeger)')
    return readOtlp(cursor, fields).resourceSpans ?? []
  } catch (problem) {
    throw refusal(document, problem, line)
  }
}
