import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml'
import { expand } from './expand.ts'
import type { Place, Problems } from './problems.ts'

export type Scalar = string | number | boolean | null

/** A value of the configuration with its place, variables expanded. */
export interface Setting extends Place {
  value: Scalar | Setting[] | Map<string, Setting>
  /** Of what came from a variable: as it was written there, for where a string is asked for. */
  text?: string
}

/** Far above what any configuration has; aliases of aliases could make millions out of ten lines. */
const maxSettings = 10_000
const maxDepth = 40
const maxBytes = 1024 * 1024

/**
 * Reads YAML 1.2. What is wrong goes into `problems`.
 * @returns an empty map for an empty file, undefined where there is no sense in going on
 */
export function parseSettings(
  source: string,
  env: Record<string, string | undefined>,
  problems: Problems,
): Setting | undefined {
  const top = { path: '', line: 1 }
  if (source.length > maxBytes) {
    problems.wrong(top, 'over 1 MiB')
    return undefined
  }
  const lines = new LineCounter()
  const document = parse(source, lines)
  for (const { message, pos } of document.errors) {
    problems.wrong({ ...top, line: lines.linePos(pos[0]).line }, message.split('\n')[0] ?? '')
  }
  if (document.errors.length > 0) return undefined
  const setting = new Reader(document, lines, env, problems).read(document.contents, top, 0)
  return setting.value === null ? { ...top, value: new Map() } : setting
}

function parse(source: string, lineCounter?: LineCounter): Document {
  const options = { prettyErrors: false, logLevel: 'silent' as const }
  return parseDocument(source, { ...options, ...(lineCounter && { lineCounter }) })
}

class Reader {
  readonly #document: Document
  readonly #lines: LineCounter | undefined
  readonly #env: Record<string, string | undefined>
  readonly #problems: Problems
  #count = 0

  /** @param lines left out for what stands in a variable: all of it is where the variable is named */
  constructor(
    document: Document,
    lines: LineCounter | undefined,
    env: Record<string, string | undefined>,
    problems: Problems,
  ) {
    this.#document = document
    this.#lines = lines
    this.#env = env
    this.#problems = problems
  }

  read(node: unknown, { path, line: outer }: Place, depth: number): Setting {
    const line = this.#lineOf(node) ?? outer
    const place = { path, line }
    if (++this.#count > maxSettings || depth > maxDepth) {
      if (this.#count === maxSettings + 1 || depth === maxDepth + 1) {
        this.#problems.wrong(place, `over ${maxSettings} values, or ${maxDepth} levels`)
      }
      return { ...place, value: null }
    }
    if (isAlias(node)) return this.read(node.resolve(this.#document), place, depth + 1)
    if (isMap(node)) {
      const value = new Map<string, Setting>()
      for (const { key, value: item } of node.items) {
        const name = isScalar(key) ? String(key.value) : ''
        const below = { path: join(path, name), line: this.#lineOf(key) ?? line }
        value.set(name, { ...this.read(item, below, depth + 1), line: below.line })
      }
      return { ...place, value }
    }
    if (isSeq(node)) {
      const value = node.items.map((item, i) =>
        this.read(item, { path: `${path}[${i}]`, line }, depth + 1),
      )
      return { ...place, value }
    }
    const scalar: unknown = isScalar(node) ? node.value : null
    if (typeof scalar === 'string') return this.#expanded(scalar, place, depth)
    if (scalar === null || typeof scalar === 'number' || typeof scalar === 'boolean') {
      return { ...place, value: scalar }
    }
    // What older YAML has beside these: dates, sets, binary.
    this.#problems.wrong(place, 'is neither text nor a number, true, false or null')
    return { ...place, value: null }
  }

  #expanded(source: string, place: Place, depth: number): Setting {
    try {
      const { text, isWhole } = expand(source, this.#env)
      if (!isWhole) return { ...place, value: text }
      const document = parse(text)
      // As over there: what is no YAML is a string.
      if (document.errors.length > 0) return { ...place, value: text, text }
      const inner = new Reader(document, undefined, {}, this.#problems)
      const { value } = inner.read(document.contents, place, depth + 1)
      return { ...place, value: typeof value === 'string' ? text : value, text }
    } catch (error) {
      this.#problems.wrong(place, (error as Error).message)
      return { ...place, value: null }
    }
  }

  #lineOf(node: unknown): number | undefined {
    const range = (node as Node | null | undefined)?.range
    return range && this.#lines ? this.#lines.linePos(range[0]).line : undefined
  }
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}
