import { diag } from '@opentelemetry/api'

/**
 * Reads the body of every response to the OTLP exporter, which itself never does.
 *
 * 1. The exporter sends with `keepalive`, so that spans survive the closing of the page. Browsers
 *    allow 64 KiB of such requests at a time, and a request whose response is not read may count
 *    for ever: after about 64 kB of spans, nothing would leave the page any more.
 * 2. A collector tells in that body which spans it rejected, and the exporter would not hear it.
 *
 * (open-telemetry/opentelemetry-js#7001 and #7002; once they are mended, delete this file.)
 *
 * The exporter takes no `fetch` of ours but calls `globalThis.fetch` each time, so that is wrapped.
 * Requests to any other URL go through untouched: same arguments, same promise.
 *
 * @param endpoint the exporter's URL
 */
export function drainResponses(endpoint: string): void {
  const { href } = new URL(endpoint)
  const previousFetch = globalThis.fetch
  // Where an instrumentation wrapped fetch before us, exports must not be traced: same way around
  // it as the exporter's own.
  const untracedFetch = (previousFetch as { __original?: typeof fetch }).__original ?? previousFetch

  globalThis.fetch = (input, init) => {
    if (input !== href) return previousFetch(input, init)
    return untracedFetch(input, init).then(async (response) => {
      await drain(response)
      return response
    })
  }
}

/** Never throws: the collector has answered, and a resend would store the spans twice. */
async function drain(response: Response): Promise<void> {
  try {
    // Of a clone, so that an exporter that learns to read the body still can.
    const body = await response.clone().text()
    if (response.ok) reportPartialSuccess(body)
  } catch (error) {
    diag.debug('the body of an OTLP response could not be read', error)
  }
}

/** OTLP: a `partialSuccess` that is present and not empty is a rejection or a warning. */
function reportPartialSuccess(body: string): void {
  if (body === '') return
  const { partialSuccess } = JSON.parse(body) as {
    partialSuccess?: { rejectedSpans?: string | number; errorMessage?: string }
  }
  const { rejectedSpans = 0, errorMessage = '' } = partialSuccess ?? {}
  if (Number(rejectedSpans) > 0 || errorMessage !== '') {
    diag.warn(`the collector rejected ${rejectedSpans} spans: ${errorMessage}`)
  }
}
