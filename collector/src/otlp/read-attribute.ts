import { type AttributeValue, readValue } from '@pingtrace/otlp'
import { decodeKeyValue } from './decode.ts'
import { ProtobufReader } from './protobuf-reader.ts'
import { keyValue, resource, span } from './schema.ts'

/** Tags of the attributes in the messages that have them. */
export const attributesTag = {
  span: span.byNumber[9]!.tag,
  resource: resource.byNumber[1]!.tag,
}

const KEY_TAG = keyValue.byNumber[1]!.tag
const reader = new ProtobufReader()

/**
 * One attribute of a message that lies at [start, end), without decoding the others. Of a key that
 * is there twice the last counts, as for every reader here.
 * @param tag of attributesTag
 * @returns null when it is missing or empty
 */
export function readAttribute(
  bytes: Uint8Array,
  start: number,
  end: number,
  tag: number,
  key: Buffer,
): AttributeValue {
  let found: Uint8Array | undefined
  reader.bytes = bytes
  reader.pos = start
  while (reader.pos < end) {
    const next = reader.tag(end)
    if (next !== tag) {
      reader.skipValue(next & 7, end)
      continue
    }
    const valueEnd = reader.valueEnd(end)
    const valueStart = reader.pos
    if (hasKey(valueEnd, key)) found = bytes.subarray(valueStart, valueEnd)
    reader.pos = valueEnd
  }
  // Nothing of the request's is held any longer than that.
  reader.bytes = new Uint8Array()
  return found === undefined ? null : readValue(decodeKeyValue(found).value)
}

/** Whether the KeyValue from the cursor to `end` has this key; one that is left out is empty. */
function hasKey(end: number, key: Buffer): boolean {
  let has = key.length === 0
  while (reader.pos < end) {
    const tag = reader.tag(end)
    if (tag !== KEY_TAG) {
      reader.skipValue(tag & 7, end)
      continue
    }
    const keyEnd = reader.valueEnd(end)
    has = key.compare(reader.bytes, reader.pos, keyEnd) === 0
    reader.pos = keyEnd
  }
  return has
}
