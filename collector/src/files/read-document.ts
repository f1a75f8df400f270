import { readFile, stat } from 'node:fs/promises'
import { maxFileBytes, readTraceFile, TraceFileError } from '@pingtrace/trace-files'

/**
 * The traces of a file that is one document: OTLP JSON laid out for people, an answer of a query API,
 * Jaeger's JSON. It is the reader that the viewer opens files with.
 * @returns each trace as OTLP JSON
 * @throws TraceFileError
 */
export async function readDocument(path: string): Promise<{ bytes: Buffer; place: string }[]> {
  const { size } = await stat(path)
  if (size > maxFileBytes) {
    const limit = `${maxFileBytes / 1024 / 1024} MiB`
    throw new TraceFileError(
      `its first line is no request, and as one document it has over ${limit}`,
    )
  }
  const traces = readTraceFile(await readFile(path, 'utf8'))
  return [...traces].map(([traceId, data]) => ({
    bytes: Buffer.from(JSON.stringify(data)),
    place: `trace ${traceId}`,
  }))
}

export { TraceFileError }
