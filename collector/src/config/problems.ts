/** Where something stands in a configuration. */
export interface Place {
  /** Keys from the top, as `receivers.otlp.protocols`. */
  path: string
  /** From 1. */
  line: number
}

/** A configuration that cannot be run; its message has a line for each reason. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError'
}

/** What is wrong with a configuration: all of it is told at once, each with its name and line. */
export class Problems {
  readonly #file: string
  readonly #found: { line: number; text: string }[] = []

  /** @param file for people */
  constructor(file: string) {
    this.#file = file
  }

  /** The official Collector would refuse it as well. */
  wrong(place: Place, what: string): void {
    const name = place.path === '' ? '' : `${place.path}: `
    const text = `${this.#file}:${place.line}: ${name}${what}`
    this.#found.push({ line: place.line, text })
  }

  /** The official Collector may run it; we do not. */
  unsupported(place: Place, what: string): void {
    this.wrong(place, `${what}; the official Collector takes the same file`)
  }

  /** @throws ConfigurationError when there was anything */
  check(): void {
    if (this.#found.length === 0) return
    const inOrder = [...this.#found].sort((a, b) => a.line - b.line)
    throw new ConfigurationError([...new Set(inOrder.map(({ text }) => text))].join('\n'))
  }
}
