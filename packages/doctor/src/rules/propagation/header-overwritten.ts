import { halves, tornCallRule } from './torn-calls.ts'

/** The server continued a trace, but not the caller's: somebody between them wrote the header anew. */
export const headerOverwritten = tornCallRule('header-overwritten', ['overwritten'], (call) => ({
  problem: `${halves(call)}, which continued another trace: its parent ${call.server.parentSpanId} is a span that nobody has sent.`,
  cause:
    'Something between them replaced the traceparent: a proxy or service mesh that traces by itself and exports elsewhere, or a test tool that adds headers to requests.',
  mend: 'Let the proxy propagate instead of starting traces, or export its spans to the same place. In tests, set the parent inside the page rather than by rewriting requests.',
}))
