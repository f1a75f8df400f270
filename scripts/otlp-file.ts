import { readSpans, type Span, type TracesData } from '@pingtrace/otlp'

/** Why a file is refused, with the line. */
export class OtlpFileError extends Error {}

/**
 * The spans of a file: one OTLP JSON document however it is laid out (also as the answer of the
 * collector's query API, in `result`), or a document on each line, as the official Collector's file
 * exporter writes them.
 * @throws OtlpFileError naming the line, and where in its document something is not as OTLP has it
 */
export function readOtlpFile(text: string): Span[] {
  const documents = readDocuments(text.replace(/^\ufeff/, ''))
  const spans = documents.flatMap(({ value, line }) => {
    const fault = findFault(value)
    if (fault !== undefined) throw new OtlpFileError(`the document from line ${line} on: ${fault}`)
    return readSpans(withLowerCaseIds(unwrap(value) as TracesData))
  })
  if (spans.length === 0) throw new OtlpFileError('line 1: there is no span in it')
  return spans
}

interface Document {
  value: unknown
  /** Where it begins, from 1. */
  line: number
}

function readDocuments(text: string): Document[] {
  const lines = text.split('\n')
  const filled = lines.flatMap((content, index) =>
    content.trim() === '' ? [] : [{ content, line: index + 1 }],
  )
  // Lines that are documents by themselves: the first says whether they are meant to be.
  const [first] = filled
  if (first === undefined) throw new OtlpFileError('line 1: the file is empty')
  if (filled.length > 1 && isDocument(first.content)) {
    return filled.map(({ content, line }) => ({ value: parse(content, line), line }))
  }
  return [{ value: parse(text, 1), line: first.line }]
}

function isDocument(line: string): boolean {
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}

function parse(text: string, firstLine: number): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const position = Number(/at position (\d+)/.exec(message)?.[1] ?? text.trimEnd().length)
    const line = firstLine + text.slice(0, position).split('\n').length - 1
    throw new OtlpFileError(`line ${line}: not JSON: ${message}`)
  }
}

function unwrap(value: unknown): unknown {
  return isObject(value) && 'result' in value ? value.result : value
}

/** What OTLP has where: readers trust the document to be made so. A list stands for all its items. */
type Shape = 'text' | 'traceId' | 'spanId' | [Shape] | { [key: string]: Shape }

const attributes: Shape = [{ key: 'text' }]
const shape: Shape = {
  resourceSpans: [
    {
      resource: { attributes },
      scopeSpans: [
        {
          scope: { name: 'text', version: 'text' },
          spans: [
            {
              traceId: 'traceId',
              spanId: 'spanId',
              name: 'text',
              attributes,
              events: [{ name: 'text', attributes }],
              links: [{ attributes }],
              status: { message: 'text' },
            },
          ],
        },
      ],
    },
  ],
}

function findFault(value: unknown): string | undefined {
  const document = unwrap(value)
  if (!isObject(document) || !('resourceSpans' in document)) {
    return 'not OTLP traces: there is no resourceSpans'
  }
  return faultAt(document, shape, '')
}

function faultAt(value: unknown, expected: Shape, path: string): string | undefined {
  // Absent and null are the same in proto3's JSON; a span without ids is none.
  if (expected === 'traceId' || expected === 'spanId') {
    const digits = expected === 'traceId' ? 32 : 16
    const isId = typeof value === 'string' && value.length === digits && /^[0-9a-f]+$/i.test(value)
    return isId ? undefined : `${path} is not ${digits} hex digits`
  }
  if (value === undefined || value === null) return undefined
  if (expected === 'text') return typeof value === 'string' ? undefined : `${path} is not a string`
  if (Array.isArray(expected)) {
    if (!Array.isArray(value)) return `${path} is not a list`
    const [item] = expected
    for (const [index, each] of value.entries()) {
      const fault = isObject(each)
        ? faultAt(each, item, `${path}[${index}]`)
        : `${path}[${index}] is not an object`
      if (fault !== undefined) return fault
    }
    return undefined
  }
  if (!isObject(value)) return `${path} is not an object`
  for (const [key, part] of Object.entries(expected)) {
    const fault = faultAt(value[key], part, path === '' ? key : `${path}.${key}`)
    if (fault !== undefined) return fault
  }
  return undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Hex may be of either case (OTLP, “JSON Protobuf Encoding”); ids are compared as text. */
function withLowerCaseIds(data: TracesData): TracesData {
  for (const { scopeSpans } of data.resourceSpans ?? []) {
    for (const { spans } of scopeSpans ?? []) {
      for (const span of spans ?? []) {
        span.traceId = span.traceId?.toLowerCase() ?? ''
        span.spanId = span.spanId?.toLowerCase() ?? ''
        if (typeof span.parentSpanId === 'string')
          span.parentSpanId = span.parentSpanId.toLowerCase()
      }
    }
  }
  return data
}
