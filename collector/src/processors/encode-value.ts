import { I64, LEN, VARINT } from '../otlp/message-type.ts'
import { ProtobufWriter } from '../otlp/protobuf-writer.ts'
import type { AttributeValue } from './attribute-action.ts'

/**
 * The body of an AnyValue: { string string_value = 1; bool bool_value = 2; int64 int_value = 3;
 * double double_value = 4; }, of which the one that is set is written, its default too.
 */
export function encodeValue(value: AttributeValue): Uint8Array {
  const writer = new ProtobufWriter(64)
  if ('stringValue' in value) {
    const text = Buffer.from(value.stringValue)
    writer.varint((1 << 3) | LEN)
    writer.bytes(text, 0, text.length)
  } else if ('boolValue' in value) {
    writer.varint((2 << 3) | VARINT)
    writer.varint(value.boolValue ? 1 : 0)
  } else if ('intValue' in value) {
    const bits = BigInt.asUintN(64, BigInt(value.intValue))
    writer.varint((3 << 3) | VARINT)
    writer.varint64(Number(bits & 0xffff_ffffn), Number(bits >> 32n))
  } else {
    writer.varint((4 << 3) | I64)
    writer.double(value.doubleValue)
  }
  return writer.finish()
}
