import { describe } from './expectation.ts'
import { isUnsupportedIntrinsic, Lexer, type Token } from './lexer.ts'
import { QueryError, unsupported } from './query-error.ts'
import { isUnsupportedStage } from './unsupported-stages.ts'

const arithmetic = ['+', '-', '*', '/', '%', '^']

/**
 * The token that is being read, and what would have been taken in its place: that makes the error
 * messages, and completion.
 */
export class TokenCursor {
  protected readonly text: string
  protected token: Token
  readonly #lexer: Lexer
  /** What could stand where the current token does: symbols, and `field`, `value` and so on. */
  readonly expected = new Set<string>()

  /** @throws QueryError */
  constructor(text: string) {
    this.text = text
    this.#lexer = new Lexer(text)
    this.token = this.#lexer.next()
  }

  protected advance(): Token {
    const token = this.token
    this.expected.clear()
    this.token = this.#lexer.next()
    return token
  }

  protected isSymbol(symbol: string): boolean {
    return this.token.type === 'symbol' && this.token.text === symbol
  }

  protected is(symbol: string): boolean {
    this.expected.add(symbol)
    return this.isSymbol(symbol)
  }

  protected take(symbol: string): boolean {
    const isThere = this.is(symbol)
    if (isThere) this.advance()
    return isThere
  }

  protected takeOneOf<T extends string>(list: readonly T[]): T | undefined {
    for (const each of list) this.expected.add(each)
    const found = list.find((each) => this.isSymbol(each))
    if (found !== undefined) this.advance()
    return found
  }

  protected takeWord<T extends string>(list: readonly T[], name: string) {
    this.expected.add(name)
    const token = this.token
    const text = token.type === 'word' ? list.find((each) => each === token.text) : undefined
    if (text === undefined) return undefined
    this.advance()
    return { text, start: token.start, end: token.end }
  }

  protected expect(symbol: string): Token {
    return this.is(symbol) ? this.advance() : this.fail()
  }

  protected fail(): never {
    throw this.failure()
  }

  protected unsupported(what: string): QueryError {
    return unsupported(what, this.text, this.token.start, this.token.end)
  }

  protected failure(): QueryError {
    const token = this.token
    const { start, end } = token
    if (token.type === 'word') {
      const { text } = token
      const isStage = isUnsupportedStage(text)
      if (isStage || isUnsupportedIntrinsic(text))
        return this.unsupported(isStage ? `${text}(...)` : text)
      if (this.expected.has('field')) {
        const message = `there is no field or value ${text}; an attribute is written .${text}`
        return new QueryError(message, this.text, start, end, describe(this.expected))
      }
    }
    if (token.type === 'symbol' && arithmetic.includes(token.text)) {
      return this.unsupported('arithmetic')
    }
    const found = token.type === 'end' ? 'the end' : this.text.slice(start, end)
    const expected = describe(this.expected)
    const message = `expected ${listed(expected)}, found ${found}`
    return new QueryError(message, this.text, start, end, expected)
  }
}

function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join()
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
