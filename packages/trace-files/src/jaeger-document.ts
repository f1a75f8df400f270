import {
  type AnyValue,
  type KeyValue,
  type OtlpEvent,
  type OtlpLink,
  type OtlpSpan,
  type ResourceSpans,
  spanKinds,
} from '@pingtrace/otlp'
import { type Cursor, type Fields, given } from './cursor.ts'

const kinds: readonly string[] = spanKinds
const codes = ['UNSET', 'OK', 'ERROR']

interface Tag {
  key: string
  value: AnyValue
  /** As text, whatever the type. */
  text: string
}

/**
 * The JSON that Jaeger's page downloads and its api/traces answers, as OTLP: `{ data: [{ spans,
 * processes }] }` (model/json/model.go of jaegertracing/jaeger). What Jaeger made tags of when it took
 * OTLP becomes again what it was (specification/trace/sdk_exporters/jaeger.md).
 * @throws ShapeError
 */
export function readJaeger(cursor: Cursor, document: Fields): ResourceSpans[] {
  return cursor
    .list(document, 'data', (trace) => {
      const processes = readProcesses(cursor, trace)
      return cursor.list(trace, 'spans', (fields): ResourceSpans => {
        const id = cursor.required('processID', cursor.text(fields, 'processID'))
        const resource = processes.get(id)
        if (resource === undefined) {
          return cursor.at('processID', () => cursor.fail('names no process of the trace'))
        }
        const tags = readTags(cursor, fields, 'tags')
        const [name, version] = ['name', 'version'].map(
          (part) =>
            (tagOf(tags, `otel.scope.${part}`) ?? tagOf(tags, `otel.library.${part}`))?.text,
        )
        const span = readSpan(cursor, fields, tags)
        return { resource, scopeSpans: [{ scope: given({ name, version }), spans: [span] }] }
      })
    })
    .flat()
}

/** Those of one process are one object: their spans can be grouped by it. */
function readProcesses(cursor: Cursor, trace: Fields): Map<string, { attributes: KeyValue[] }> {
  const processes = cursor.object(trace, 'processes', (all) =>
    Object.keys(all).map((id) =>
      cursor.at(id, () => {
        const fields = cursor.fields(all[id])
        const serviceName = cursor.text(fields, 'serviceName') ?? ''
        const attributes = readTags(cursor, fields, 'tags').map(toAttribute)
        attributes.unshift({ key: 'service.name', value: { stringValue: serviceName } })
        return [id, { attributes }] as const
      }),
    ),
  )
  return new Map(processes)
}

function readSpan(cursor: Cursor, fields: Fields, tags: readonly Tag[]): OtlpSpan {
  const traceId = readId(cursor, fields, 'traceID', 32)
  const start = readMicros(cursor, fields, 'startTime')
  const references = cursor.list(fields, 'references', (reference) => ({
    isChild: cursor.text(reference, 'refType') === 'CHILD_OF',
    traceId: readId(cursor, reference, 'traceID', 32),
    spanId: readId(cursor, reference, 'spanID', 16),
  }))
  // A span may say only what it follows from; that is above it, where it names no parent.
  const inTrace = references.filter((reference) => reference.traceId === traceId)
  const parent = inTrace.find(({ isChild }) => isChild) ?? inTrace[0]
  const kind = kinds.indexOf(tagOf(tags, 'span.kind')?.text ?? '')
  return given<OtlpSpan>({
    traceId,
    spanId: readId(cursor, fields, 'spanID', 16),
    traceState: tagOf(tags, 'w3c.tracestate')?.text,
    parentSpanId: parent?.spanId,
    flags: cursor.number(fields, 'flags'),
    name: cursor.text(fields, 'operationName'),
    kind: kind === -1 ? undefined : kind,
    startTimeUnixNano: `${start}`,
    endTimeUnixNano: `${start + readMicros(cursor, fields, 'duration')}`,
    attributes: tags.filter(({ key }) => !isMade(key)).map(toAttribute),
    events: cursor.list(fields, 'logs', (log) => readLog(cursor, log)),
    links: references
      .filter((reference) => reference !== parent)
      .map((reference): OtlpLink => ({ traceId: reference.traceId, spanId: reference.spanId })),
    status: readStatus(tags),
  })
}

function readStatus(tags: readonly Tag[]): { code: number; message?: string } {
  const message = tagOf(tags, 'otel.status_description')?.text
  const named = codes.indexOf(tagOf(tags, 'otel.status_code')?.text ?? '')
  const code = named !== -1 ? named : tagOf(tags, 'error')?.text === 'true' ? 2 : 0
  return given({ code, message })
}

function readLog(cursor: Cursor, log: Fields): OtlpEvent {
  const fields = readTags(cursor, log, 'fields')
  return given<OtlpEvent>({
    timeUnixNano: `${readMicros(cursor, log, 'timestamp')}`,
    name: tagOf(fields, 'event')?.text ?? 'log',
    attributes: fields.filter(({ key }) => key !== 'event').map(toAttribute),
  })
}

/** Without its leading zeros in older versions. */
function readId(cursor: Cursor, fields: Fields, key: string, digits: number): string {
  const text = cursor.required(key, cursor.text(fields, key))
  if (/^[0-9a-f]+$/i.test(text) && text.length <= digits) {
    return text.toLowerCase().padStart(digits, '0')
  }
  return cursor.at(key, () => cursor.fail(`must be up to ${digits} hex digits`))
}

/** Microseconds as nanoseconds. */
function readMicros(cursor: Cursor, fields: Fields, key: string): bigint {
  return BigInt(cursor.required(key, cursor.integer(fields, key))) * 1_000n
}

function readTags(cursor: Cursor, fields: Fields, key: string): Tag[] {
  return cursor.list(fields, key, (tag) => ({
    key: cursor.required('key', cursor.text(tag, 'key')),
    value: readValue(cursor, tag),
    text: `${tag.value ?? ''}`,
  }))
}

/** Values are often texts, whatever their type is, so that no digit is lost. */
function readValue(cursor: Cursor, tag: Fields): AnyValue {
  const { value } = tag
  const type = cursor.text(tag, 'type')
  if (typeof value === 'object' && value !== null) {
    return cursor.at('value', () => cursor.fail('must be a text, a number or a boolean'))
  }
  if (type === 'bool') return { boolValue: `${value}` === 'true' }
  if (type === 'int64') return given({ intValue: cursor.integer(tag, 'value') })
  if (type === 'binary') return { bytesValue: `${value ?? ''}` }
  if (type === 'float64' || (type === undefined && typeof value === 'number')) {
    return { doubleValue: Number(value) }
  }
  if (type === undefined && typeof value === 'boolean') return { boolValue: value }
  return { stringValue: `${value ?? ''}` }
}

function tagOf(tags: readonly Tag[], key: string): Tag | undefined {
  return tags.find((tag) => tag.key === key)
}

function toAttribute({ key, value }: Tag): KeyValue {
  return { key, value }
}

/** What is no attribute in OTLP; it is told elsewhere. */
function isMade(key: string): boolean {
  return (
    /^otel\.(status_(code|description)|(scope|library)\.(name|version))$/.test(key) ||
    ['span.kind', 'w3c.tracestate', 'internal.span.format'].includes(key)
  )
}
