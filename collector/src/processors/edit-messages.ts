import { LEN } from '../otlp/message-type.ts'
import { ProtobufReader } from '../otlp/protobuf-reader.ts'
import { ProtobufWriter } from '../otlp/protobuf-writer.ts'

/**
 * Edits the messages at the end of a path of field numbers, and copies all else as it came.
 * @param edit gets a message's body; answers the same where it changes nothing
 * @returns the same bytes where nothing was changed
 * @throws MalformedError
 */
export function editMessages(
  bytes: Uint8Array,
  [field, ...below]: readonly number[],
  edit: (message: Uint8Array) => Uint8Array,
): Uint8Array {
  if (field === undefined) return edit(bytes)
  const reader = new ProtobufReader()
  reader.bytes = bytes
  let writer: ProtobufWriter | undefined
  let copied = 0
  while (reader.pos < bytes.length) {
    const start = reader.pos
    const tag = reader.tag(bytes.length)
    if (tag !== ((field << 3) | LEN)) {
      reader.skipValue(tag & 7, bytes.length)
      continue
    }
    const end = reader.valueEnd(bytes.length)
    const message = bytes.subarray(reader.pos, end)
    reader.pos = end
    const edited = editMessages(message, below, edit)
    if (edited === message) continue
    writer ??= new ProtobufWriter(bytes.length + 1_024)
    writer.raw(bytes, copied, start)
    writer.varint(tag)
    writer.bytes(edited, 0, edited.length)
    copied = end
  }
  if (writer === undefined) return bytes
  writer.raw(bytes, copied, bytes.length)
  return writer.finish()
}
