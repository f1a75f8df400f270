import { halves, tornCallRule } from './torn-calls.ts'

/** Both halves are in one trace, but the server's parent is not the span of the call. */
export const parentIdMismatch = tornCallRule('parent-id-mismatch', ['mismatch'], (call) => ({
  problem: `${halves(call)}, but names ${call.server.parentSpanId} as its parent, not the span of the call (${call.client.spanId}).`,
  cause:
    'The context that was injected was the one around the call: propagation.inject was given the active context instead of the span’s own, or ran before the span was started. A proxy that adds a span and does not export it looks the same.',
  mend: 'Inject trace.setSpan(context, span), the context with the call’s span in it.',
}))
