import { malformed } from './malformed.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const REPLACEMENT = 0xfffd

const simpleEscapes = new Map(
  Object.entries({
    '"': '"',
    '\\': '\\',
    '/': '/',
    b: '\b',
    f: '\f',
    n: '\n',
    r: '\r',
    t: '\t',
  }).map(([letter, meaning]) => [letter.charCodeAt(0), meaning.charCodeAt(0)]),
)

/**
 * Reads the JSON string whose text begins at `start`, behind its opening quote, and has escapes.
 * Answers the text in UTF-8 and where the string ends, behind its closing quote. Half a surrogate
 * pair becomes U+FFFD, since UTF-8 cannot say it.
 */
export function readEscapedString(
  bytes: Uint8Array,
  start: number,
): { text: Uint8Array; end: number } {
  const end = stringEnd(bytes, start)
  // No escape is shorter than what it stands for.
  const text = new Uint8Array(end - start)
  let length = 0
  let pos = start
  while (pos < end) {
    const byte = bytes[pos]!
    if (byte < 0x20) throw malformed('a control character in a string', pos)
    if (byte !== BACKSLASH) {
      text[length++] = byte
      pos++
      continue
    }
    const simple = simpleEscapes.get(bytes[pos + 1]!)
    if (simple !== undefined) {
      text[length++] = simple
      pos += 2
      continue
    }
    let code = codeUnit(bytes, pos)
    pos += 6
    if (isHigh(code)) {
      const low = bytes[pos] === BACKSLASH && bytes[pos + 1] === 0x75 ? codeUnit(bytes, pos) : 0
      if (isLow(low)) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
        pos += 6
      } else code = REPLACEMENT
    } else if (isLow(code)) code = REPLACEMENT
    length = writeUtf8(text, length, code)
  }
  return { text: text.subarray(0, length), end: end + 1 }
}

/** Where the closing quote is. */
function stringEnd(bytes: Uint8Array, start: number): number {
  for (let pos = start; pos < bytes.length; pos++) {
    if (bytes[pos] === QUOTE) return pos
    if (bytes[pos] === BACKSLASH) pos++
  }
  throw malformed('a string without an end', start)
}

/** The four hex digits of the escape \uXXXX that begins at `pos`. */
function codeUnit(bytes: Uint8Array, pos: number): number {
  let code = bytes[pos + 1] === 0x75 ? 0 : -1
  for (let i = pos + 2; i < pos + 6 && code >= 0; i++) {
    const digit = hexDigit(bytes[i])
    code = digit < 0 ? -1 : (code << 4) | digit
  }
  if (code < 0) throw malformed('an escape that JSON does not have', pos)
  return code
}

/** The value of an ASCII hex digit of either case, -1 for anything else. */
export function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1
}

const isHigh = (code: number) => code >= 0xd800 && code < 0xdc00
const isLow = (code: number) => code >= 0xdc00 && code < 0xe000

function writeUtf8(text: Uint8Array, at: number, code: number): number {
  let pos = at
  if (code < 0x80) text[pos++] = code
  else if (code < 0x800) text[pos++] = 0xc0 | (code >> 6)
  else if (code < 0x10000) text[pos++] = 0xe0 | (code >> 12)
  else text[pos++] = 0xf0 | (code >> 18)
  if (code >= 0x10000) text[pos++] = 0x80 | ((code >> 12) & 63)
  if (code >= 0x800) text[pos++] = 0x80 | ((code >> 6) & 63)
  if (code >= 0x80) text[pos++] = 0x80 | (code & 63)
  return pos
}
