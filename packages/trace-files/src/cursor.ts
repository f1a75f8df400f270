/** Where something is in a JSON value: the keys and indexes that lead to it. */
export type Path = readonly (string | number)[]

/** A value that is not what it must be. */
export class ShapeError extends Error {
  override name = 'ShapeError'
  readonly path: Path

  constructor(path: Path, reason: string) {
    super(path.length === 0 ? `the document ${reason}` : `${pathText(path)} ${reason}`)
    this.path = path
  }
}

/** `spans[2].name`: the end of it, which says enough beside a line. */
function pathText(path: Path): string {
  const text = path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '')
  return text.length > 80 ? `…${text.slice(-80)}` : text
}

export type Fields = Record<string, unknown>

/**
 * Reads a JSON value that a stranger wrote, and knows where in it it is. What is absent or null is
 * undefined, or an empty list. Each method throws a ShapeError for what is something else.
 */
export class Cursor {
  readonly #path: (string | number)[] = []

  fail(reason: string): never {
    throw new ShapeError([...this.#path], reason)
  }

  /** Reads at a key; what fails in there fails with that key in its path. */
  at<T>(key: string | number, read: () => T): T {
    this.#path.push(key)
    const result = read()
    this.#path.pop()
    return result
  }

  fields(value: unknown): Fields {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return this.fail('must be an object')
    }
    return value as Fields
  }

  object<T>(fields: Fields, key: string, read: (fields: Fields) => T): T | undefined {
    const value = fields[key] ?? undefined
    if (value === undefined) return undefined
    return this.at(key, () => read(this.fields(value)))
  }

  list<T>(fields: Fields, key: string, read: (fields: Fields) => T): T[] {
    const value = fields[key] ?? []
    return this.at(key, () => {
      if (!Array.isArray(value)) return this.fail('must be a list')
      return value.map((item, index) => this.at(index, () => read(this.fields(item))))
    })
  }

  text(fields: Fields, key: string): string | undefined {
    const value = fields[key] ?? undefined
    if (value === undefined || typeof value === 'string') return value
    return this.at(key, () => this.fail('must be a text'))
  }

  /** Hex digits of either case, in lower case; `''` counts as absent. */
  hex(fields: Fields, key: string, digits: number): string | undefined {
    const value = this.text(fields, key)
    if (value === undefined || value === '') return undefined
    if (value.length === digits && /^[0-9a-f]+$/i.test(value)) return value.toLowerCase()
    return this.at(key, () => this.fail(`must be ${digits} hex digits`))
  }

  required<T>(key: string, value: T | undefined): T {
    return value ?? this.at(key, () => this.fail('is missing'))
  }

  /** A whole number of 64 bits, as a number or as decimal digits. */
  integer(fields: Fields, key: string): string | undefined {
    const value = fields[key] ?? undefined
    if (value === undefined) return undefined
    if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return value
    // Beyond 2^53 a number may have lost digits, but it is what the sender wrote.
    if (typeof value === 'number' && Number.isInteger(value)) return `${BigInt(value)}`
    return this.at(key, () => this.fail('must be a whole number'))
  }

  /** A whole number that is small enough for JavaScript's. */
  number(fields: Fields, key: string): number | undefined {
    const text = this.integer(fields, key)
    if (text === undefined) return undefined
    if (Number.isSafeInteger(Number(text))) return Number(text)
    return this.at(key, () => this.fail('is too large a number'))
  }
}

/** An object without those of its fields that are undefined. */
export function given<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as T
}
