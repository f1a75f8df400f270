import { Metadata } from '@grpc/grpc-js'
import { type Attributes, diag } from '@opentelemetry/api'
import { parseKeyPairsIntoRecord } from '@opentelemetry/core'

/**
 * The collector's address: what the environment says, the variable for traces before the general
 * one, or the default. A blank value is no value; one that makes no sense is told to `diag` and
 * ignored, because a slip in the configuration must not cost more than that line.
 * (OpenTelemetry specification, “OTLP Exporter” and “Environment Variable Specification”)
 *
 * @returns a URL: `host:port` alone means TLS, unless OTEL_EXPORTER_OTLP_INSECURE is true
 */
export function otlpEndpoint(defaultEndpoint: string): string {
  for (const variable of ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT']) {
    const value = process.env[variable]?.trim()
    if (!value) continue
    const url = asUrl(value)
    if (url !== undefined) return url
    const shown = JSON.stringify(value.replace(/\/\/.*@/, '//***@'))
    diag.warn(`${variable} is ignored: ${shown} is no address such as http://localhost:4317`)
  }
  return defaultEndpoint
}

function asUrl(value: string): string | undefined {
  if (/^(https?|unix):\/\//.test(value)) return URL.canParse(value) ? value : undefined
  const url = `${isInsecure() ? 'http' : 'https'}://${value}`
  return /^[^/]+:\d+$/.test(value) && URL.canParse(url) ? url : undefined
}

function isInsecure(): boolean {
  const { OTEL_EXPORTER_OTLP_TRACES_INSECURE, OTEL_EXPORTER_OTLP_INSECURE } = process.env
  const value = OTEL_EXPORTER_OTLP_TRACES_INSECURE?.trim() || OTEL_EXPORTER_OTLP_INSECURE?.trim()
  return value?.toLowerCase() === 'true'
}

/**
 * Takes out of the environment the headers that gRPC cannot send, and tells `diag` which.
 *
 * The exporter reads these variables itself, and at the first such header it fails with a message
 * that has the value in it: every span would be lost, and an access token stand in the log. Here it
 * is told by its number alone; what looks like a name may be a token whose name was forgotten.
 */
export function dropUnsendableHeaders(): void {
  for (const variable of ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'OTEL_EXPORTER_OTLP_HEADERS']) {
    const value = process.env[variable]
    if (!value) continue
    const sendable = value.split(',').filter((entry, index) => {
      if (entry.trim() === '' || isSendable(entry)) return true
      diag.warn(`${variable}: entry ${index + 1} is ignored: no "name=value" that gRPC can send`)
      return false
    })
    process.env[variable] = sendable.join(',')
  }
}

/** By the rules of those who will read and send it. */
function isSendable(entry: string): boolean {
  const [header] = Object.entries(parseKeyPairsIntoRecord(entry))
  if (header === undefined) return false
  try {
    new Metadata().set(...header)
    return true
  } catch {
    return false
  }
}

/**
 * Tells `diag` that OTEL_RESOURCE_ATTRIBUTES was thrown away, which the SDK does without a word as
 * soon as one entry of it is wrong (as the specification of the variable has it).
 * @param attributes what the SDK made of the environment
 */
export function warnOfLostAttributes(attributes: Attributes): void {
  const variable = 'OTEL_RESOURCE_ATTRIBUTES'
  const keys = (process.env[variable] ?? '').split(',').map((entry) => entry.split('=')[0]!.trim())
  if (keys.every((key) => key === '') || keys.some((key) => key in attributes)) return
  diag.warn(`${variable} is ignored, all of it: it is no list of key=value, percent-encoded`)
}
