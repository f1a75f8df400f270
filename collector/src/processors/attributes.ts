import type { TracesConsumer } from '../consumer.ts'
import { LEN } from '../otlp/message-type.ts'
import { ProtobufReader } from '../otlp/protobuf-reader.ts'
import { ProtobufWriter } from '../otlp/protobuf-writer.ts'
import type { AttributeAction } from './attribute-action.ts'
import { editMessages } from './edit-messages.ts'
import { encodeValue } from './encode-value.ts'

/** ExportTraceServiceRequest.resource_spans, ResourceSpans.scope_spans, ScopeSpans.spans. */
const pathToSpans = [1, 2, 2]
/** Span.attributes */
const attributesField = 9

/**
 * Changes the attributes of spans on their way, as the official attributes processor does. Bytes are
 * cut and put together: nothing is decoded, and what no action touches stays as the sender wrote it.
 */
export function attributes(
  actions: readonly AttributeAction[],
  next: TracesConsumer,
): TracesConsumer {
  const edits = actions.map(compile)
  return {
    consumeTraces: async ({ receiver, payload }) => {
      const edited = editMessages(payload, pathToSpans, (span) => editSpan(span, edits))
      return next.consumeTraces({ receiver, payload: edited })
    },
  }
}

/** A KeyValue's body as it came, and in it the key and the AnyValue's body. */
interface Attribute {
  bytes: Uint8Array
  key: Buffer
  value: Uint8Array
}

/** @returns whether it changed anything */
type Edit = (attributes: Attribute[]) => boolean

function editSpan(span: Uint8Array, edits: readonly Edit[]): Uint8Array {
  const found: Attribute[] = []
  // All else in the order in which it came, then the attributes: protobuf's order means nothing.
  const rest: Uint8Array[] = []
  const reader = new ProtobufReader()
  reader.bytes = span
  while (reader.pos < span.length) {
    const start = reader.pos
    const tag = reader.tag(span.length)
    if (tag === ((attributesField << 3) | LEN)) {
      const end = reader.valueEnd(span.length)
      found.push(readAttribute(span.subarray(reader.pos, end)))
      reader.pos = end
    } else {
      reader.skipValue(tag & 7, span.length)
      rest.push(span.subarray(start, reader.pos))
    }
  }
  let isChanged = false
  for (const edit of edits) if (edit(found)) isChanged = true
  if (!isChanged) return span
  const writer = new ProtobufWriter(span.length + 64)
  for (const part of rest) writer.raw(part, 0, part.length)
  for (const { bytes } of found) {
    writer.varint((attributesField << 3) | LEN)
    writer.bytes(bytes, 0, bytes.length)
  }
  return writer.finish()
}

function newAttribute(key: Buffer, value: Uint8Array): Attribute {
  const writer = new ProtobufWriter(key.length + value.length + 16)
  writer.varint((1 << 3) | LEN)
  writer.bytes(key, 0, key.length)
  writer.varint((2 << 3) | LEN)
  writer.bytes(value, 0, value.length)
  return { bytes: writer.finish(), key, value }
}

/** KeyValue { string key = 1; AnyValue value = 2; }: of each, the last one counts. */
function readAttribute(bytes: Uint8Array): Attribute {
  const attribute: Attribute = { bytes, key: Buffer.alloc(0), value: new Uint8Array() }
  const reader = new ProtobufReader()
  reader.bytes = bytes
  while (reader.pos < bytes.length) {
    const tag = reader.tag(bytes.length)
    if ((tag & 7) !== LEN) {
      reader.skipValue(tag & 7, bytes.length)
      continue
    }
    const end = reader.valueEnd(bytes.length)
    const content = bytes.subarray(reader.pos, end)
    if (tag >>> 3 === 1) attribute.key = bufferOf(content)
    else if (tag >>> 3 === 2) attribute.value = content
    reader.pos = end
  }
  return attribute
}

function compile(action: AttributeAction): Edit {
  const key = Buffer.from(action.key)
  if (action.action === 'delete') return (all) => remove(all, key)
  const fixed = 'value' in action ? encodeValue(action.value) : undefined
  const from = 'from' in action ? Buffer.from(action.from) : undefined
  return (all) => {
    const value = fixed ?? all.find((one) => from?.equals(one.key))?.value
    const isThere = all.some((one) => one.key.equals(key))
    if (value === undefined || (action.action === 'insert' && isThere)) return false
    if (action.action === 'update' && !isThere) return false
    // A key that is there twice has one value afterwards: the old one must not be left behind it.
    remove(all, key)
    all.push(newAttribute(key, value))
    return true
  }
}

function remove(attributes: Attribute[], key: Buffer): boolean {
  const kept = attributes.filter((one) => !one.key.equals(key))
  const isChanged = kept.length < attributes.length
  attributes.splice(0, attributes.length, ...kept)
  return isChanged
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
