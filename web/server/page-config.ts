import { ingestTokenVariable, readPorts, readToken } from '@pingtrace/loopback'
import { configElementId, type PageConfig } from '../src/config.ts'

type Environment = Record<string, string | undefined>

/** Where index.html takes the configuration in. */
const placeholder = '<!-- page configuration -->'

/**
 * The configuration that the environment asks for; addresses follow from the ports.
 * @throws Error that names the variable
 */
export function pageConfig(env: Environment): PageConfig {
  const ports = readPorts(env)
  const resourceAttributes = readResourceAttributes(env)
  return {
    apiUrl: readUrl(env, 'PINGTRACE_API_URL', `http://localhost:${ports.api}`),
    otlpEndpoint: readUrl(
      env,
      'PINGTRACE_WEB_OTLP_ENDPOINT',
      `http://localhost:${ports.otlpHttp}/v1/traces`,
    ),
    otlpHeaders: ingestHeaders(env),
    queryUrl: `http://localhost:${ports.query}`,
    // As OTEL_SERVICE_NAME does, the variable of its own wins over the list.
    serviceName:
      env.PINGTRACE_WEB_SERVICE_NAME || resourceAttributes['service.name'] || 'pingtrace-web',
    serviceVersion: resourceAttributes['service.version'] || '0.1.0',
    resourceAttributes,
    flushHook: env.PINGTRACE_FLUSH_HOOK === '1',
    faults: env.PINGTRACE_FAULTS === '1',
  }
}

/**
 * The page sends to our own collector with its ingest token. Whoever is served the page can read it,
 * which are programs and people of this machine; it lets them send, and read nothing.
 */
function ingestHeaders(env: Environment): Record<string, string> {
  const token = readToken(env, ingestTokenVariable)
  if (token === undefined || env.PINGTRACE_WEB_OTLP_ENDPOINT) return {}
  return { authorization: `Bearer ${token}` }
}

/**
 * Writes the configuration into the page, as data that no script engine runs.
 *
 * Every `<` becomes an escape that JSON knows and HTML does not: `</script>` in a value would end
 * the element, and whatever follows would be markup.
 *
 * @throws Error when the page has no place for it
 */
export function injectConfig(html: string, config: PageConfig): string {
  if (!html.includes(placeholder)) throw new Error(`index.html must contain ${placeholder}`)
  const json = JSON.stringify(config).replaceAll('<', '\\u003c')
  const element = `<script type="application/json" id="${configElementId}">${json}</script>`
  // A function, because `$&` and the like in a replacement text have a meaning.
  return html.replace(placeholder, () => element)
}

function readUrl(env: Environment, name: string, fallback: string): string {
  const text = env[name] || fallback
  if (!URL.canParse(text) || !/^https?:/.test(text)) {
    throw new Error(`${name} must be an http(s) URL, not "${text}"`)
  }
  return text
}

/**
 * `key=value,key=value` with percent-encoding, as OTEL_RESOURCE_ATTRIBUTES is written
 * (OpenTelemetry specification, resource/sdk.md).
 */
function readResourceAttributes(env: Environment): Record<string, string> {
  const name = 'PINGTRACE_WEB_RESOURCE_ATTRIBUTES'
  const text = env[name] ?? ''
  const attributes: [string, string][] = []
  for (const pair of text.split(',').filter((part) => part.trim() !== '')) {
    const [key = '', ...rest] = pair.split('=')
    if (key.trim() === '' || rest.length === 0) {
      throw new Error(`${name} must be a list of key=value, and "${pair}" is not one`)
    }
    attributes.push([decode(name, key.trim()), decode(name, rest.join('=').trim())])
  }
  return Object.fromEntries(attributes)
}

function decode(name: string, text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw new Error(`${name} has a wrong percent-encoding in "${text}"`, { cause })
  }
}
