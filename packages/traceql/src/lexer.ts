import type { AttributeScope, Intrinsic, Range } from './ast.ts'
import {
  findIntrinsic,
  intrinsics,
  isNameCharacter,
  scopePrefixes,
  unsupportedIntrinsics,
} from './fields.ts'
import { durationRun, numberStart, parseDuration } from './numbers.ts'
import { QueryError, unsupported } from './query-error.ts'
import { readQuoted, readRaw } from './strings.ts'

export type Token = Range &
  (
    | { type: 'symbol' | 'word'; text: string }
    | { type: 'attribute'; scope: AttributeScope; name: string }
    | { type: 'intrinsic'; name: Intrinsic }
    | { type: 'string'; value: string }
    | { type: 'int' | 'duration'; value: bigint }
    | { type: 'float'; value: number }
    | { type: 'end' }
  )

/** The longest first: a symbol is as long as it can be. */
const symbols = [
  ['!>>', '!<<', '&>>', '&<<'],
  ['&&', '||', '!=', '=~', '!~', '<=', '>=', '>>', '<<', '!>', '!<', '&>', '&<', '&~'],
  ['{', '}', '(', ')', '=', '<', '>', '!', '~', '|', ',', '+', '-', '*', '/', '%', '^'],
].flat()

const space = /[\s\u0085]*/uy
const word = /[\p{L}_][\p{L}\p{Nd}_]*/uy

/** Cuts a query into tokens, one at a time; after the last one it answers `end` for ever. */
export class Lexer {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** @throws QueryError at the start of what is no token */
  next(): Token {
    this.#at = matchAt(space, this.#text, this.#at).end
    const start = this.#at
    const token = this.#read(start)
    this.#at = token.end
    return token
  }

  #read(start: number): Token {
    const text = this.#text
    const first = text[start]
    if (first === undefined) return { type: 'end', start, end: start }
    if (first === '"') return { type: 'string', ...readQuoted(text, start) }
    if (first === '`') return { type: 'string', ...readRaw(text, start) }
    const number = matchAt(numberStart, text, start)
    if (number.text !== undefined) return this.#number(number.text, start, number.end)
    if (first === '.') return this.#attribute('any', start, start + 1)
    const name = matchAt(word, text, start)
    if (name.text !== undefined) return this.#word(name.text, start, name.end)
    const symbol = symbols.find((each) => text.startsWith(each, start))
    if (symbol !== undefined) {
      if (/^\/[/*]/.test(text.slice(start, start + 2))) {
        throw unsupported('comments', text, start, start + 2)
      }
      return { type: 'symbol', text: symbol, start, end: start + symbol.length }
    }
    if (first === "'") {
      throw new QueryError('strings stand in " or `', text, start, start + 1)
    }
    throw new QueryError(`unexpected ${JSON.stringify(first)}`, text, start, start + 1)
  }

  #number(digits: string, start: number, end: number): Token {
    const text = this.#text
    const run = matchAt(durationRun, text, end)
    if (run.text !== undefined) {
      const value = parseDuration(text.slice(start, run.end))
      if (value !== undefined) return { type: 'duration', value, start, end: run.end }
      throw new QueryError('malformed duration, 1h30m or 1.5ms would be one', text, start, run.end)
    }
    if (/^\d+$/.test(digits)) return { type: 'int', value: BigInt(digits), start, end }
    const value = Number(digits)
    if (!Number.isFinite(value)) throw new QueryError('number too large', text, start, end)
    return { type: 'float', value, start, end }
  }

  /** A word alone, or with what follows it: `span.` and an attribute, `span:` and an intrinsic. */
  #word(name: string, start: number, end: number): Token {
    const text = this.#text
    if (text[end] === ':') return this.#intrinsic(name, start, end + 1)
    if (text[end] !== '.') return { type: 'word', text: name, start, end }
    if (name === 'parent' || name === 'instrumentation') {
      throw unsupported(`attributes of the scope ${name}.`, text, start, end + 1)
    }
    if (name === 'any' || !Object.hasOwn(scopePrefixes, name)) {
      const scopes = Object.values(scopePrefixes)
      throw new QueryError(`there is no scope ${name}.`, text, start, end + 1, scopes)
    }
    return this.#attribute(name as AttributeScope, start, end + 1)
  }

  #intrinsic(scope: string, start: number, nameStart: number): Token {
    const text = this.#text
    const { text: rest = '', end } = matchAt(word, text, nameStart)
    const name = findIntrinsic(`${scope}:${rest}`)
    if (name !== undefined) return { type: 'intrinsic', name, start, end }
    const known = Object.values(intrinsics)
      .flatMap(({ names }) => names)
      .filter((each) => each.startsWith(`${scope}:`))
    throw new QueryError(`there is no ${scope}:${rest}`, text, start, end, known)
  }

  /** Parts in quotes and parts without may follow each other. */
  #attribute(scope: AttributeScope, start: number, nameStart: number): Token {
    const text = this.#text
    let name = ''
    let at = nameStart
    while (at < text.length) {
      if (text[at] === '"') {
        const quoted = readQuoted(text, at, 'name')
        name += quoted.value
        at = quoted.end
        continue
      }
      const character = String.fromCodePoint(text.codePointAt(at)!)
      if (!isNameCharacter(character)) break
      name += character
      at += character.length
    }
    if (at > nameStart) return { type: 'attribute', scope, name, start, end: at }
    throw new QueryError('an attribute needs a name', text, start, at, ["an attribute's name"])
  }
}

/** Words that stand for something, to be refused where the subset lacks it. */
export function isUnsupportedIntrinsic(name: string): boolean {
  return unsupportedIntrinsics.includes(name)
}

/** Without a match the end is where it was looked for. */
function matchAt(pattern: RegExp, text: string, at: number): { text?: string; end: number } {
  pattern.lastIndex = at
  const match = pattern.exec(text)
  return match === null ? { end: at } : { text: match[0], end: pattern.lastIndex }
}
