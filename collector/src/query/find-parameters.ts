import type { TraceQuery } from '../store/trace-query.ts'
import { parseBool, parseDuration, parseTime } from './go-syntax.ts'

/** A parameter is missing or wrong; the message names it. */
export class ParameterError extends Error {
  override name = 'ParameterError'
}

/** Jaeger's default; its limit is the number of traces that its storage holds. */
const defaultLimit = 100
const maxLimit = 1_000

/** What a parameter's text means; undefined when it is malformed. */
type Parse<T> = (text: string) => T | undefined

/**
 * Reads a query from the parameters of `GET /api/v3/traces` and `/api/v3/trace-summaries`.
 * @throws ParameterError
 */
export function readTraceQuery(parameters: URLSearchParams): TraceQuery {
  if (parameters.get('query.filter')) {
    // Only versions after 2.20 have it; to answer as if it were not there would be wrong.
    throw new ParameterError('query.filter is not supported, query.attributes is')
  }
  const read = <T>(name: string, parse: Parse<T>) =>
    readParameter(parameters, `query.${name}`, parse)
  const startMin = read('startTimeMin', parseTime)
  const startMax = read('startTimeMax', parseTime)
  if (startMin === undefined || startMax === undefined) {
    throw new ParameterError('query.startTimeMin and query.startTimeMax are required')
  }
  if (startMin >= startMax) {
    throw new ParameterError('query.startTimeMin must be before query.startTimeMax')
  }
  // Nothing is adjusted here, so raw traces are what there is; a wrong value is still an error.
  read('rawTraces', parseBool)
  return {
    service: read('serviceName', asText),
    operation: read('operationName', asText),
    startMin,
    startMax,
    // In Go, 0 stands for no limit.
    durationMin: read('durationMin', parseDuration) || undefined,
    durationMax: read('durationMax', parseDuration) || undefined,
    attributes: read('attributes', parseAttributes) ?? new Map(),
    limit: read('searchDepth', parseLimit) ?? read('num_traces', parseLimit) ?? defaultLimit,
  }
}

/**
 * A parameter, under its name in camelCase or under the older one in snake_case. An empty value
 * counts as none.
 * @throws ParameterError when it is malformed, with the name that it came under
 */
export function readParameter<T>(
  parameters: URLSearchParams,
  name: string,
  parse: Parse<T>,
): T | undefined {
  const older = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const given = parameters.get(name) ? name : older
  const text = parameters.get(given)
  if (!text) return undefined
  const value = parse(text)
  if (value === undefined) throw new ParameterError(`malformed parameter ${given}`)
  return value
}

export function asText(text: string): string {
  return text
}

function parseLimit(text: string): number | undefined {
  const limit = /^\+?\d+$/.test(text) ? Number(text) : 0
  return limit >= 1 && limit <= maxLimit ? limit : undefined
}

/** A JSON object of strings. */
function parseAttributes(text: string): Map<string, string> | undefined {
  const object = parseJson(text)
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return undefined
  const entries = Object.entries(object)
  return entries.every(([, value]) => typeof value === 'string') ? new Map(entries) : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
