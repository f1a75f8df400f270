import type { ProtobufWriter } from './protobuf-writer.ts'

const ascii = (text: string) => Buffer.from(text, 'latin1')
const beforeKey = ascii('{"key":"')
const beforeValue = ascii('","value":{"')
const stringValue = ascii('stringValue":"')
const intValue = ascii('intValue":')

const QUOTE = 0x22
const BACKSLASH = 0x5c
const CLOSE_BRACE = 0x7d
const ZERO = 0x30

/** Of a key or a text; with it every length around it is one byte. */
const longest = 100
/** Of an integer: it then fits the four bytes of a varint. */
const mostDigits = 8

/**
 * Transcodes the attribute at `pos` if it is what JSON.stringify makes of nearly all of them: a key
 * and a text, or a small integer that is not negative, without blanks and escapes. A shortcut that
 * makes the whole transcoder twice as fast; any other attribute is left to it, with nothing written.
 * @param tag of the field that has the attribute
 * @returns where the attribute ends, or -1
 */
export function transcodePlainAttribute(
  bytes: Uint8Array,
  pos: number,
  writer: ProtobufWriter,
  tag: number,
): number {
  if (!startsWith(bytes, pos, beforeKey)) return -1
  const key = pos + beforeKey.length
  const keyEnd = plainTextEnd(bytes, key)
  if (keyEnd === -1 || !startsWith(bytes, keyEnd, beforeValue)) return -1
  const type = keyEnd + beforeValue.length
  if (startsWith(bytes, type, stringValue)) {
    const value = type + stringValue.length
    const valueEnd = plainTextEnd(bytes, value)
    if (valueEnd === -1 || !endsBoth(bytes, valueEnd + 1)) return -1
    writer.textAttribute(tag, bytes, key, keyEnd, value, valueEnd)
    return valueEnd + 3
  }
  if (!startsWith(bytes, type, intValue)) return -1
  // As text or as a number: SDKs write both.
  const isQuoted = bytes[type + intValue.length] === QUOTE
  const digits = type + intValue.length + (isQuoted ? 1 : 0)
  let end = digits
  let value = 0
  for (; isDigit(bytes[end]); end++) value = value * 10 + bytes[end]! - ZERO
  const length = end - digits
  if (length === 0 || length > mostDigits || (bytes[digits] === ZERO && length > 1)) return -1
  if (isQuoted && bytes[end++] !== QUOTE) return -1
  if (!endsBoth(bytes, end)) return -1
  writer.integerAttribute(tag, bytes, key, keyEnd, value)
  return end + 2
}

/** Where the text ends; -1 when it is empty, long, or has anything that takes a closer look. */
function plainTextEnd(bytes: Uint8Array, start: number): number {
  const limit = Math.min(bytes.length, start + longest + 1)
  for (let end = start; end < limit; end++) {
    const byte = bytes[end]!
    if (byte === QUOTE) return end === start ? -1 : end
    if (byte === BACKSLASH || byte < 0x20) return -1
  }
  return -1
}

function startsWith(bytes: Uint8Array, pos: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[pos + i] !== text[i]) return false
  return true
}

function endsBoth(bytes: Uint8Array, pos: number): boolean {
  return bytes[pos] === CLOSE_BRACE && bytes[pos + 1] === CLOSE_BRACE
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= 0x39
}
