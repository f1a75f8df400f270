import type { Place, Problems } from './problems.ts'
import type { Setting } from './settings-tree.ts'

/** A Go duration (time.ParseDuration), which is how the official Collector writes them. */
const units: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}

/**
 * A mapping of the configuration: each key that we run is taken out by name and type, and `end`
 * refuses the rest. What is wrong goes into the problems, and reads as left out.
 */
export class Section implements Place {
  readonly path: string
  readonly line: number
  readonly problems: Problems
  readonly #settings: ReadonlyMap<string, Setting>
  readonly #taken = new Set<string>()

  constructor(setting: Setting, problems: Problems) {
    this.path = setting.path
    this.line = setting.line
    this.problems = problems
    const { value } = setting
    if (value !== null && !(value instanceof Map)) problems.wrong(setting, 'must be a mapping')
    this.#settings = value instanceof Map ? value : new Map()
  }

  get keys(): string[] {
    return [...this.#settings.keys()]
  }

  /** Where a key stands; the section, where it is not there. */
  placeOf(key: string): Place {
    return this.#settings.get(key) ?? this
  }

  take(key: string): Setting | undefined {
    this.#taken.add(key)
    return this.#settings.get(key)
  }

  /** Also of a key without a value: a mapping with nothing in it. */
  section(key: string): Section | undefined {
    const setting = this.take(key)
    return setting && new Section(setting, this.problems)
  }

  string(key: string): string | undefined {
    const setting = this.take(key)
    return setting && this.asString(setting)
  }

  /** A variable's text counts as it was written; a bare number is no string, as over there. */
  asString(setting: Setting): string | undefined {
    if (setting.text !== undefined) return setting.text
    if (setting.value === null) return undefined
    if (typeof setting.value === 'string') return setting.value
    this.problems.wrong(setting, 'must be a string')
    return undefined
  }

  oneOf<T extends string>(key: string, values: readonly T[]): T | undefined {
    const text = this.string(key)
    if (text === undefined || text === '') return undefined
    const found = values.find((value) => value === text)
    if (found === undefined) {
      const rule = `"${text}" is not run here, only ${values.join(', ')}`
      this.problems.unsupported(this.placeOf(key), rule)
    }
    return found
  }

  boolean(key: string): boolean | undefined {
    const setting = this.take(key)
    if (setting === undefined || setting.value === null) return undefined
    if (typeof setting.value === 'boolean') return setting.value
    this.problems.wrong(setting, 'must be true or false')
    return undefined
  }

  integer(key: string, lowest: number, highest = Number.MAX_SAFE_INTEGER): number | undefined {
    const value = this.number(key)
    if (value === undefined) return undefined
    if (Number.isInteger(value) && value >= lowest && value <= highest) return value
    const upTo = highest === Number.MAX_SAFE_INTEGER ? '' : `, at most ${highest}`
    this.problems.wrong(this.placeOf(key), `must be a whole number, at least ${lowest}${upTo}`)
    return undefined
  }

  number(key: string): number | undefined {
    const setting = this.take(key)
    if (setting === undefined || setting.value === null) return undefined
    if (typeof setting.value === 'number') return setting.value
    this.problems.wrong(setting, 'must be a number')
    return undefined
  }

  /** @returns milliseconds */
  duration(key: string): number | undefined {
    const setting = this.take(key)
    if (setting === undefined || setting.value === null) return undefined
    if (setting.value === 0) return 0
    const text = typeof setting.value === 'string' ? setting.value : ''
    const milliseconds = readDuration(text)
    if (milliseconds === undefined) {
      this.problems.wrong(setting, 'must be a duration, such as 200ms, 1.5s or 1m30s')
    }
    return milliseconds
  }

  strings(key: string): string[] | undefined {
    const setting = this.take(key)
    if (setting === undefined || setting.value === null) return undefined
    if (!Array.isArray(setting.value)) {
      this.problems.wrong(setting, 'must be a list')
      return undefined
    }
    return setting.value.flatMap((item) => this.asString(item) ?? [])
  }

  /** Refuses every key that nobody took. */
  end(): void {
    for (const key of this.keys) {
      if (this.#taken.has(key)) continue
      this.problems.unsupported(this.placeOf(key), "is not run by pingtrace's collector")
    }
  }
}

/** @returns milliseconds; undefined for what is none, and for what no timer can wait */
function readDuration(text: string): number | undefined {
  if (text === '0') return 0
  if (!/^(\d+(\.\d*)?(ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return undefined
  let sum = 0
  for (const [, amount, unit] of text.matchAll(/([\d.]+)([a-zµμ]+)/g)) {
    sum += Number(amount) * units[unit!]!
  }
  return sum <= 2 ** 31 - 1 ? sum : undefined
}
