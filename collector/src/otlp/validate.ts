import { TooLargeError } from '../consumer.ts'
import { malformed } from './malformed.ts'
import type { MessageType } from './message-type.ts'
import type { ProtobufReader } from './protobuf-reader.ts'
import { keyValue, MAX_DEPTH } from './schema.ts'

/**
 * Attributes, events, links and values of a request together. Real ones take 25 bytes each and more,
 * 20 MiB of them. Empty ones take two bytes, and a hundred when they are decoded.
 */
const maxMessages = 1_048_576

function tooMany(): TooLargeError {
  return new TooLargeError(`a request may have ${maxMessages} attributes, events, links and values`)
}

/**
 * Steps over the body of a message, which ends at `end`, making sure that a decoder will get
 * through it: tags, wire types, lengths and nesting are right all the way down. Text may be
 * anything; decoders show U+FFFD for what is not UTF-8. `depth` counts the messages around it.
 */
export function validate(
  reader: ProtobufReader,
  message: MessageType,
  end: number,
  depth: number,
): void {
  if (depth > MAX_DEPTH) throw malformed(`over ${MAX_DEPTH} levels of messages`, reader.pos)
  if (++reader.messages > maxMessages) throw tooMany()
  while (reader.pos < end) validateValue(reader, reader.tag(end), message, end, depth)
}

/** Steps over the value of one field of `message`, whose tag has just been read. */
export function validateValue(
  reader: ProtobufReader,
  tag: number,
  message: MessageType,
  end: number,
  depth: number,
): void {
  const field = message.byNumber[tag >>> 3]
  if (field?.tag !== tag) reader.skipUnknown(tag, message, end)
  else if (field.message === undefined) reader.skipValue(tag & 7, end)
  else if (field.message === keyValue) validateKeyValue(reader, reader.valueEnd(end), depth + 1)
  else validate(reader, field.message, reader.valueEnd(end), depth + 1)
}

/** `validate` for the message that makes up most of any request. */
export function validateKeyValue(reader: ProtobufReader, end: number, depth: number): void {
  // A plain one is two levels deep: itself and its value.
  if (depth < MAX_DEPTH && isPlainKeyValue(reader.bytes, reader.pos, end)) {
    if (++reader.messages > maxMessages) throw tooMany()
    reader.pos = end
  } else validate(reader, keyValue, end, depth)
}

/**
 * Whether the body is what encoders write for nearly every attribute: a key, then a value which is
 * a string, a boolean, a small integer or a double, both under 128 bytes. A shortcut that makes the
 * whole scan twice as fast; `false` only means that somebody has to look properly.
 */
function isPlainKeyValue(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 6 || bytes[start] !== 10 || bytes[start + 1]! > 127) return false
  const value = start + 2 + bytes[start + 1]!
  const length = end - value - 2
  if (length < 2 || length > 127 || bytes[value] !== 18 || bytes[value + 1] !== length) return false
  switch (bytes[value + 2]) {
    case 10: // string_value
      return bytes[value + 3] === length - 2
    case 16: // bool_value
    case 24: // int_value of one or two bytes
      if (bytes[value + 3]! < 128) return length === 2
      return length === 3 && bytes[value + 4]! < 128
    case 33: // double_value
      return length === 9
    default:
      return false
  }
}
