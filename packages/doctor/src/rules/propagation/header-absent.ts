import { isBrowser } from '@pingtrace/trace-facts'
import { halves, tornCallRule } from './torn-calls.ts'

/** The request came without a `traceparent`, so the server began a trace of its own. */
export const headerAbsent = tornCallRule('header-absent', ['absent', 'unexplained'], (call) => ({
  problem:
    call.tear === 'absent'
      ? `${halves(call)}, and the request had no traceparent: two traces instead of one.`
      : `${halves(call)}, which began a trace of its own and does not say why.`,
  cause:
    call.tear === 'absent'
      ? 'The context was not injected, or injected into a carrier that did not become the request’s headers (after the fetch, into a copy), or a proxy removed the header.'
      : 'The header was not sent, or the server looks for another format (B3, Jaeger), or extracts nothing.',
  mend: isBrowser(call.client)
    ? 'Inject the span’s context into the headers before calling fetch, allow-list the server’s origin for propagation, and let the server’s CORS allow traceparent and tracestate.'
    : 'Inject the span’s context into the headers before the request is sent, and use W3C Trace Context on both sides (OTEL_PROPAGATORS=tracecontext).',
}))
