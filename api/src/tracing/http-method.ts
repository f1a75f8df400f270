import type { Attributes } from '@opentelemetry/api'
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  HTTP_REQUEST_METHOD_VALUE_OTHER,
} from '@opentelemetry/semantic-conventions'

/**
 * What the semantic conventions 1.45 call known: the methods of RFC 9110, PATCH and QUERY. Case
 * matters. An application that lives on others, such as WebDAV's, adds them here.
 */
const known: ReadonlySet<string> = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
])

/**
 * The method as attributes. One that is not known is `_OTHER`, because back ends count by this
 * attribute, and whoever sends requests could make up any number of methods; its own name stands
 * beside it.
 */
export function methodAttributes(method: string): Attributes {
  if (known.has(method)) return { [ATTR_HTTP_REQUEST_METHOD]: method }
  return {
    [ATTR_HTTP_REQUEST_METHOD]: HTTP_REQUEST_METHOD_VALUE_OTHER,
    [ATTR_HTTP_REQUEST_METHOD_ORIGINAL]: method,
  }
}

/** The name of a span of which only the method is known: for the same reason, `HTTP` for others. */
export function nameOfMethod(method: string): string {
  return known.has(method) ? method : 'HTTP'
}
