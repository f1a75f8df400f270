import { readEscapedString } from './json-escapes.ts'
import { numberEnd } from './json-numbers.ts'
import { malformed } from './malformed.ts'

export const QUOTE = 0x22
export const OPEN_BRACE = 0x7b
export const CLOSE_BRACE = 0x7d
export const OPEN_BRACKET = 0x5b
export const CLOSE_BRACKET = 0x5d
export const COLON = 0x3a
export const COMMA = 0x2c
const BACKSLASH = 0x5c

/**
 * A cursor over JSON text (RFC 8259) in UTF-8 bytes. It makes no objects: whoever drives it says
 * what may come next, and gets the text of strings and numbers as a range of bytes. Whatever breaks
 * the grammar throws MalformedError.
 */
export class JsonReader {
  readonly bytes: Uint8Array
  pos = 0
  /** The last string without its quotes and escapes, or the last number: `text[start, end)`. */
  text: Uint8Array
  start = 0
  end = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.text = bytes
  }

  /** The first byte of the next token, which the cursor then stands before; -1 at the end. */
  peek(): number {
    const { bytes } = this
    for (;;) {
      if (this.pos >= bytes.length) return -1
      const byte = bytes[this.pos]!
      if (byte > 0x20 || !isWhitespace(byte)) return byte
      this.pos++
    }
  }

  /** Steps over a character if it comes next, and says so. */
  takes(character: number): boolean {
    if (this.peek() !== character) return false
    this.pos++
    return true
  }

  expect(character: number): void {
    if (this.peek() !== character) {
      throw malformed(`no ${String.fromCharCode(character)} where JSON wants one`, this.pos)
    }
    this.pos++
  }

  expectEnd(): void {
    if (this.peek() !== -1) throw malformed('more than one JSON value', this.pos)
  }

  /** Steps over a word if it comes next, and says so. */
  takesWord(word: 'null' | 'true' | 'false'): boolean {
    if (this.peek() !== word.charCodeAt(0)) return false
    for (let i = 0; i < word.length; i++) {
      if (this.bytes[this.pos + i] !== word.charCodeAt(i)) throw malformed(`no ${word}`, this.pos)
    }
    this.pos += word.length
    return true
  }

  /** Steps over a name, its quotes and the colon behind it, if they come next without blanks. */
  takesName(name: Uint8Array): boolean {
    const { bytes, pos } = this
    const colon = pos + name.length + 2
    if (bytes[pos] !== QUOTE || bytes[colon] !== COLON || bytes[colon - 1] !== QUOTE) return false
    for (let i = 0; i < name.length; i++) if (bytes[pos + 1 + i] !== name[i]) return false
    this.pos = colon + 1
    return true
  }

  /** Reads a string into `text`. */
  string(): void {
    this.expect(QUOTE)
    const { bytes, pos } = this
    for (let end = pos; end < bytes.length; end++) {
      const byte = bytes[end]!
      if (byte > BACKSLASH) continue
      if (byte === QUOTE) {
        this.text = bytes
        this.start = pos
        this.end = end
        this.pos = end + 1
        return
      }
      if (byte < 0x20) throw malformed('a control character in a string', end)
      if (byte === BACKSLASH) {
        const string = readEscapedString(bytes, pos)
        this.text = string.text
        this.start = 0
        this.end = string.text.length
        this.pos = string.end
        return
      }
    }
    throw malformed('a string without an end', pos)
  }

  /** Reads a number into `text`; false when none comes next. */
  number(): boolean {
    this.peek()
    const end = numberEnd(this.bytes, this.pos, this.bytes.length)
    if (end < 0) return false
    this.text = this.bytes
    this.start = this.pos
    this.end = end
    this.pos = end
    return true
  }

  /** Steps over a value of any kind. `levels` is how deep its arrays and objects may nest. */
  skipValue(levels: number): void {
    const first = this.peek()
    if (first === QUOTE) this.string()
    else if (this.takes(OPEN_BRACE)) {
      this.#mayNest(levels)
      if (this.takes(CLOSE_BRACE)) return
      do {
        this.string()
        this.expect(COLON)
        this.skipValue(levels - 1)
      } while (this.takes(COMMA))
      this.expect(CLOSE_BRACE)
    } else if (this.takes(OPEN_BRACKET)) {
      this.#mayNest(levels)
      if (this.takes(CLOSE_BRACKET)) return
      do this.skipValue(levels - 1)
      while (this.takes(COMMA))
      this.expect(CLOSE_BRACKET)
    } else if (!this.#takesAnyWord() && !this.number()) throw malformed('no JSON value', this.pos)
  }

  #takesAnyWord(): boolean {
    return this.takesWord('true') || this.takesWord('false') || this.takesWord('null')
  }

  /** Nesting costs stack, and a stranger's bytes must not decide how much. */
  #mayNest(levels: number): void {
    if (levels <= 0) throw malformed('JSON nested too deep', this.pos)
  }
}

function isWhitespace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
