import { RE2JS, RE2JSException } from 're2js'

/** A pattern's characters and, compiled, its instructions: they bound what a character costs. */
const maxPatternLength = 500
const maxProgramSize = 2_000
/** A longer value matches nothing, neither `=~` nor `!~`: time is pattern times text, even with RE2. */
export const maxMatchedLength = 10_000
/** Values repeat; so many of them are remembered. */
const maxRemembered = 1_000

/** A pattern that cannot be used; the message says why. */
export class PatternError extends Error {
  override name = 'PatternError'
}

/**
 * A regular expression as Tempo has them: RE2's, which match in linear time whatever the pattern,
 * always against the whole value, with a dot that takes line ends too. JavaScript's own would let
 * one query stop the process.
 */
export class Pattern {
  readonly #compiled: RE2JS
  readonly #remembered = new Map<string, boolean>()

  /** @throws PatternError */
  constructor(source: string) {
    if (source.length > maxPatternLength) {
      throw new PatternError(`longer than ${maxPatternLength} characters`)
    }
    this.#compiled = compile(source)
    if (this.#compiled.programSize() > maxProgramSize) throw new PatternError('too complex')
  }

  /** Undefined when the text is too long to tell. */
  matches(text: string): boolean | undefined {
    if (text.length > maxMatchedLength) return undefined
    const known = this.#remembered.get(text)
    if (known !== undefined) return known
    const matches = this.#compiled.matches(text)
    if (this.#remembered.size < maxRemembered) this.#remembered.set(text, matches)
    return matches
  }
}

function compile(source: string): RE2JS {
  try {
    return RE2JS.compile(source, RE2JS.DOTALL)
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    // Without the flag, which is written before the pattern.
    throw new PatternError(
      error.message.replace(/^error parsing regexp: /, '').replace('`(?s)', '`'),
    )
  }
}
