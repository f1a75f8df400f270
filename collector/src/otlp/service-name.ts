import type { ProtobufReader } from './protobuf-reader.ts'
import { anyValue, keyValue } from './schema.ts'

const key = Buffer.from('service.name')

const KEY_TAG = keyValue.byNumber[1]!.tag
const VALUE_TAG = keyValue.byNumber[2]!.tag
const STRING_VALUE_TAG = anyValue.byNumber[1]!.tag

/** Where the string of a `service.name` is; offset -1 when the attribute is not a string. */
export interface ServiceName {
  offset: number
  length: number
}

const notAString: ServiceName = { offset: -1, length: 0 }

/**
 * Reads a KeyValue's body, from the cursor to `end`. Undefined when its key is not `service.name`.
 * What is written twice counts as written the second time, the rule of every reader here.
 */
export function readServiceName(reader: ProtobufReader, end: number): ServiceName | undefined {
  let isServiceName = false
  let name = notAString
  while (reader.pos < end) {
    const tag = reader.tag(end)
    if (tag === KEY_TAG) {
      const keyEnd = reader.valueEnd(end)
      isServiceName = key.compare(reader.bytes, reader.pos, keyEnd) === 0
      reader.pos = keyEnd
    } else if (tag === VALUE_TAG) name = readString(reader, reader.valueEnd(end))
    else reader.skipUnknown(tag, keyValue, end)
  }
  return isServiceName ? name : undefined
}

function readString(reader: ProtobufReader, end: number): ServiceName {
  let name = notAString
  while (reader.pos < end) {
    const tag = reader.tag(end)
    if (tag === STRING_VALUE_TAG) {
      const valueEnd = reader.valueEnd(end)
      name = { offset: reader.pos, length: valueEnd - reader.pos }
      reader.pos = valueEnd
    } else {
      // AnyValue is a oneof: another kind of value takes the string's place.
      if (anyValue.byNumber[tag >>> 3] !== undefined) name = notAString
      reader.skipValue(tag & 7, end)
    }
  }
  return name
}
