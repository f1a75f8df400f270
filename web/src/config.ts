/** What the page must know of its surroundings: written into it when it is served, not built in. */
export interface PageConfig {
  /** Where the API listens, for example `http://localhost:8081`. */
  apiUrl: string
  /** Where traces go over OTLP/HTTP, in full, for example `http://localhost:4318/v1/traces`. */
  otlpEndpoint: string
  /** What goes with them: the collector's ingest token, if it has one. */
  otlpHeaders: Record<string, string>
  /** Where the collector answers queries and streams, for example `http://localhost:16686`. */
  queryUrl: string
  serviceName: string
  serviceVersion: string
  resourceAttributes: Record<string, string>
  /** Whether `pingtrace.flush()` is to be had: see flush-hook.ts. */
  flushHook: boolean
  /** Whether the API can be told to break something: see faults/. */
  faults: boolean
}

/** The id of the element that holds the configuration as JSON. */
export const configElementId = 'pingtrace-config'

/** As much of `document` as is needed here; the page's server compiles this file too, without one. */
interface ElementSource {
  getElementById(id: string): { textContent: string | null } | null
}

/**
 * Reads the configuration from the page: `readConfig(document)`.
 * @throws Error that says what is missing or wrong
 */
export function readConfig(page: ElementSource): PageConfig {
  const element = page.getElementById(configElementId)
  if (element === null) {
    throw new Error(
      `The page has no element #${configElementId}: it must be served by the page server or by Vite's dev server, not as a plain file.`,
    )
  }
  return parseConfig(element.textContent ?? '')
}

/** @throws Error that names the field */
export function parseConfig(json: string): PageConfig {
  const config = parseObject(json)
  return {
    apiUrl: readUrl(config, 'apiUrl'),
    otlpEndpoint: readUrl(config, 'otlpEndpoint'),
    otlpHeaders: readMap(config, 'otlpHeaders'),
    queryUrl: readUrl(config, 'queryUrl'),
    serviceName: readText(config, 'serviceName'),
    serviceVersion: readText(config, 'serviceVersion'),
    resourceAttributes: readMap(config, 'resourceAttributes'),
    flushHook: readFlag(config, 'flushHook'),
    faults: readFlag(config, 'faults'),
  }
}

type Fields = Record<string, unknown>

function parseObject(json: string): Fields {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    throw new Error(`#${configElementId} is not JSON`, { cause })
  }
  if (!isObject(value)) throw new Error(`#${configElementId} must hold a JSON object`)
  return value
}

function readText(config: Fields, name: keyof PageConfig): string {
  const value = config[name]
  if (typeof value !== 'string' || value === '') throw wrong(name, 'a text that is not empty')
  return value
}

function readUrl(config: Fields, name: keyof PageConfig): string {
  const value = readText(config, name)
  if (!URL.canParse(value) || !/^https?:/.test(value)) throw wrong(name, 'an http(s) URL')
  return value
}

function readMap(config: Fields, name: keyof PageConfig): Record<string, string> {
  const value = config[name]
  if (!isObject(value) || Object.values(value).some((item) => typeof item !== 'string')) {
    throw wrong(name, 'an object of texts')
  }
  return value as Record<string, string>
}

function readFlag(config: Fields, name: keyof PageConfig): boolean {
  const value = config[name]
  if (typeof value !== 'boolean') throw wrong(name, 'true or false')
  return value
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrong(name: string, expected: string): Error {
  return new Error(`${name} in #${configElementId} must be ${expected}`)
}
