import { QueryError, unsupported } from './query-error.ts'

interface Read {
  value: string
  start: number
  end: number
}

const simpleEscapes: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
}

/**
 * Text in double quotes, which starts at `start`. In a string the escapes are Go's, those that write
 * single bytes excepted; in the name of an attribute only `\"` and `\\`, and lines may end.
 * @throws QueryError
 */
export function readQuoted(text: string, start: number, where: 'string' | 'name' = 'string'): Read {
  let value = ''
  let at = start + 1
  for (;;) {
    const character = text[at]
    if (character === undefined || (character === '\n' && where === 'string')) {
      throw new QueryError('a quote is not closed', text, start, at, ['"'])
    }
    if (character === '"') return { value, start, end: at + 1 }
    if (character === '\\') {
      const escaped = readEscape(text, at, where)
      value += escaped.value
      at = escaped.end
    } else {
      value += character
      at++
    }
  }
}

function readEscape(text: string, start: number, where: 'string' | 'name'): Read {
  const letter = text[start + 1] ?? ''
  const end = start + 2
  if (letter === '"' || letter === '\\') return { value: letter, start, end }
  if (where === 'string') {
    if (Object.hasOwn(simpleEscapes, letter)) return { value: simpleEscapes[letter]!, start, end }
    if (letter === 'u' || letter === 'U') return readUnicodeEscape(text, start)
    if (/[x0-7]/.test(letter)) throw unsupported('escapes of single bytes', text, start, end)
  }
  const advice = where === 'string' ? ', `...` takes backslashes as they are' : ''
  throw new QueryError(`there is no escape \\${letter}${advice}`, text, start, end)
}

function readUnicodeEscape(text: string, start: number): Read {
  const length = text[start + 1] === 'u' ? 4 : 8
  const end = start + 2 + length
  const digits = text.slice(start + 2, end)
  const code = new RegExp(`^[0-9a-fA-F]{${length}}$`).test(digits)
    ? Number.parseInt(digits, 16)
    : -1
  const isCharacter = code >= 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
  if (isCharacter) return { value: String.fromCodePoint(code), start, end }
  throw new QueryError('malformed escape of a character', text, start, Math.min(end, text.length))
}

/** Text in backquotes: nothing in it is special; carriage returns are dropped, as in Go. */
export function readRaw(text: string, start: number): Read {
  const close = text.indexOf('`', start + 1)
  if (close === -1) {
    throw new QueryError('a backquote is not closed', text, start, text.length, ['`'])
  }
  return { value: text.slice(start + 1, close).replaceAll('\r', ''), start, end: close + 1 }
}

/** As `readQuoted` reads it back. */
export function printString(value: string): string {
  const escaped = value.replace(/[\p{Cc}"\\]/gu, (character) => {
    if (character === '"' || character === '\\') return `\\${character}`
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
  return `"${escaped}"`
}

/** A name in quotes, where it cannot go without. */
export function printQuotedName(name: string): string {
  return `"${name.replace(/["\\]/g, (character) => `\\${character}`)}"`
}
